import Foundation
import JSONValues
import TestSupport
import Testing

/// `metric_for_best_model` and what follows from it, through whole runs.
@Suite struct BestCheckpointTests {
  private func files(_ arguments: [String: JSONValue]) throws -> RunFiles {
    var files = try RunFiles()
    let data = Fixture.path("curve-tiny", of: "TrainingTests")
    files.recipe["train_dataset"] = ["path": .string(data + ".train.jsonl")]
    files.recipe["evaluators"] = [
      ["type": "InformationRetrievalEvaluator", "name": "tiny", "path": .string(data + "-beir")]
    ]
    for (name, value) in [
      "max_steps": 8, "learning_rate": 1e-2, "eval_strategy": "steps", "eval_steps": 1,
      "save_steps": 1, "metric_for_best_model": "tiny_cosine_mrr@10",
      "load_best_model_at_end": true,
    ] as [String: JSONValue] { files.setArgument(name, value) }
    for (name, value) in arguments { files.setArgument(name, value) }
    return files
  }

  private func checkpoints(_ files: RunFiles) throws -> Set<String> {
    Set(
      try FileManager.default.contentsOfDirectory(atPath: files.output)
        .filter { $0.hasPrefix("checkpoint-") })
  }

  /// The best step by the log: the first of equal ones.
  private func best(_ files: RunFiles) throws -> (step: Int, metric: Double) {
    let lines = try String(contentsOfFile: files.output + "/log.jsonl", encoding: .utf8)
    let metrics = try lines.split(separator: "\n").compactMap { line -> (Int, Double)? in
      let entry = try JSONValue(parsing: String(line))
      guard let metric = entry["eval_tiny_cosine_mrr@10"]?.double else { return nil }
      return (entry["step"]?.integer ?? 0, metric)
    }
    #expect(metrics.count == 8)
    let highest = metrics.map(\.1).max() ?? 0
    return try #require(metrics.first { $0.1 == highest })
  }

  @Test(arguments: ["steps", "best"], [1, 2, 4])
  func theBestModelIsTheFinalOne(strategy: String, limit: Int) throws {
    let files = try files([
      "save_strategy": .string(strategy), "save_total_limit": .integer(limit),
    ])
    let outcome = try files.fit()
    #expect(outcome.status == 0, "\(outcome.error)")
    let best = try best(files)
    #expect(best.step < 8)
    let checkpoint = "\(files.output)/checkpoint-\(best.step)"
    let model = "/model.safetensors"
    #expect(
      try Data(contentsOf: URL(filePath: checkpoint + model))
        == Data(contentsOf: URL(filePath: files.output + "/final" + model)))
    #expect(outcome.error.contains("final is the model of step \(best.step), "))
    let kept = try checkpoints(files)
    #expect(kept.count <= limit && kept.contains("checkpoint-\(best.step)"))
    #expect(kept.contains("checkpoint-8") == (strategy == "steps" && limit > 1))
    let newest = try #require(kept.sorted().last)
    let state = try JSONValue(
      parsing: Data(contentsOf: URL(filePath: "\(files.output)/\(newest)/trainer_state.json")))
    #expect(state["best_metric"]?.double == best.metric)
    #expect(state["best_global_step"]?.integer == best.step)
    #expect(state["best_model_checkpoint"]?.string == checkpoint)
    // Killed before the checkpoints beyond the limit were removed.
    for step in 1...5 {
      let copy = "\(files.output)/checkpoint-\(step)"
      if !FileManager.default.fileExists(atPath: copy) {
        try FileManager.default.copyItem(atPath: checkpoint, toPath: copy)
      }
    }
    let again = try files.fit()
    #expect(again.status == 0 && again.error.hasPrefix("already finished"), "\(again.error)")
    #expect(try checkpoints(files).count <= limit)
    #expect(try checkpoints(files).contains("checkpoint-\(best.step)"))
  }

  /// The run is not called done with a model that nobody trained.
  @Test func theBestCheckpointIsDamaged() throws {
    let files = try files(["save_total_limit": 4])
    #expect(try files.fit().status == 0)
    try FileManager.default.removeItem(atPath: files.output + "/final")
    let model = "checkpoint-\(try best(files).step)/model.safetensors"
    let path = files.output + "/" + model
    try files.change(path) { $0[$0.count / 2] ^= 1 }
    let outcome = try files.fit()
    #expect(outcome.status == 1)
    #expect(outcome.error.contains("resumed  \(files.output)/checkpoint-8, "), "\(outcome.error)")
    let line = try #require(outcome.error.split(separator: "\n").last)
    #expect(line.hasPrefix("ktrain: error: \(path): has SHA-256 "), "\(outcome.error)")
    #expect(!FileManager.default.fileExists(atPath: files.output + "/final"))
    try files.change(path) { $0[$0.count / 2] ^= 1 }
    #expect(try files.fit().status == 0)
    #expect(
      try Data(contentsOf: URL(filePath: path))
        == Data(contentsOf: URL(filePath: files.output + "/final/model.safetensors")))
  }

  @Test func theMetricIsCheckedBeforeTheRun() throws {
    let files = try files(["metric_for_best_model": "loss"])
    let outcome = try files.fit()
    #expect(outcome.status == 1 && outcome.error.split(separator: "\n").count == 1)
    #expect(
      outcome.error.contains("args.metric_for_best_model: \"loss\" is not measured; what is: "))
    #expect(outcome.error.contains("tiny_cosine_accuracy@1, "), "\(outcome.error)")
    #expect(outcome.error.hasSuffix("tiny_cosine_map@100\n"), "\(outcome.error)")
    #expect(!FileManager.default.fileExists(atPath: files.output))
  }
}
