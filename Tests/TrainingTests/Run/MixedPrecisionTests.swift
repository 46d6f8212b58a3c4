import Foundation
import JSONValues
import TestSupport
import Testing
import Training

/// Whole runs with activations of 16 bits.
@Suite struct MixedPrecisionTests {
  private func losses(_ changes: [String: JSONValue]) throws -> [LogEntry] {
    let output = try Fixture.temporary("run")
    var arguments: [String: JSONValue] = [
      "output_dir": .string(output), "max_steps": 20, "per_device_train_batch_size": 16,
      "learning_rate": 1e-3, "warmup_ratio": 0.1, "logging_steps": 1, "save_steps": 20,
    ]
    arguments.merge(changes) { $1 }
    var args = JSONObject()
    for (key, value) in arguments.sorted(by: { $0.key < $1.key }) { args[key] = value }
    let recipe = try Recipe([
      "model": ["path": .string(TinyModel.directory), "dropout": 0],
      "train_dataset": [
        "path": .string(Fixture.path("curve-tiny.train.jsonl", in: .module)),
        "columns": ["anchor", "positive", "negative"],
      ],
      "loss": ["name": "MultipleNegativesRankingLoss"], "args": .object(args),
      "runtime": ["store": .string(output + ".store")],
    ])
    var entries: [LogEntry] = []
    try TrainingRun(recipe).run { if case .logged(let entry) = $0 { entries.append(entry) } }
    let state = try JSONValue(
      parsing: Data(
        contentsOf: URL(filePath: output + "/checkpoint-20/training_state.json")))
    let scale = state["loss_scale"]?["scale"]?.double
    #expect(scale == (changes["fp16"] == true ? 65_536 : nil))
    return entries.filter { $0.values["loss"] != nil }
  }

  /// The losses stay with those of fp32, which are the peer's, as far as 8 or 11 bits go.
  @Test func theCurveIsThatOfSinglePrecision() throws {
    let full = try losses([:])
    #expect(full.allSatisfy { $0.values["loss_scale"] == nil })
    for (name, tolerance) in [("bf16", 2e-2), ("fp16", 2e-3)] {
      let half = try losses([name: true])
      for (one, other) in zip(half, full) {
        let step = "\(name), step \(other.values["step"]?.integer ?? 0)"
        expectClose(
          [one.values["loss"]?.double ?? .nan], [other.values["loss"]?.double ?? 0],
          relative: tolerance, absolute: 0, step)
        expectClose(
          [one.values["grad_norm"]?.double ?? .nan], [other.values["grad_norm"]?.double ?? 0],
          relative: 10 * tolerance, absolute: 0, step)
        #expect(one.values["learning_rate"] == other.values["learning_rate"])
        #expect(one.values["loss_scale"]?.double == (name == "fp16" ? 65_536 : nil))
      }
      #expect(half.map(\.values) != full.map(\.values))
    }
  }
}
