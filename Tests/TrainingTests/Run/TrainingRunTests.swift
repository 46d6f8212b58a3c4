import Checkpoints
import Encoders
import Foundation
import JSONValues
import TestSupport
import Testing
import Training

/// A whole run, step for step with sentence-transformers' trainer.
///
/// Curves of other models, by hand:
///
///     python make_curve_tiny.py MODEL_DIRECTORY… FOLDER
///     KTRAIN_TINY_CURVES=FOLDER swift test --filter TrainingRunTests
@Suite struct TrainingRunTests {
  static let curves =
    [
      "tiny-bert", "tiny-xlmr", "tiny-bert-xlmrtok", "guided", "guided-decoded", "guided-uncached",
      "all-directions",
    ].map { Fixture.path("curve-\($0).json", in: .module) } + byHand
  static let byHand: [String] = {
    guard let folder = ProcessInfo.processInfo.environment["KTRAIN_TINY_CURVES"] else { return [] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasPrefix("curve-") }.map { folder + "/" + $0 }
  }()

  /// The run that `make_curve_tiny.py` recorded.
  private func recipe(_ reference: JSONValue, _ output: String) throws -> Recipe {
    let model = try #require(reference["model"]?.string)
    var loss = try #require(reference["loss"]?.object)
    if let guide = loss["guide"]?.string { loss["guide"] = .string(directory(of: guide)) }
    var arguments = try #require(reference["args"]?.object)
    for (key, value) in [
      "output_dir": .string(output), "logging_steps": 1, "eval_strategy": "steps",
      "eval_steps": 25, "eval_on_start": true, "save_steps": 25,
    ] as [String: JSONValue] { arguments[key] = value }
    return try Recipe([
      "model": [
        "path": .string(directory(of: model)), "dropout": 0,
      ],
      "train_dataset": [
        "path": .string(Fixture.path("curve-tiny.train.jsonl", in: .module)),
        "columns": ["anchor", "positive", "negative"],
      ],
      "loss": .object(loss),
      "args": .object(arguments), "runtime": ["store": .string(output + ".store")],
      "evaluators": [
        [
          "type": "InformationRetrievalEvaluator", "name": "tiny",
          "path": .string(Fixture.path("curve-tiny-beir", in: .module)),
          "query_prompt": "query: ", "corpus_prompt": "passage: ",
        ]
      ],
    ])
  }

  private func directory(of model: String) -> String {
    model.hasPrefix("/") ? model : TinyModel.directory(model)
  }

  private func curve(_ path: String) throws -> JSONValue {
    try JSONValue(parsing: Data(contentsOf: URL(filePath: path)))
  }

  @Test(arguments: curves)
  func theCurveIsThePeers(path: String) throws {
    let reference = try curve(path)
    let output = try Fixture.temporary("run")
    let run = try TrainingRun(recipe(reference, output))
    let steps = try #require(reference["steps"]?.array)
    #expect(run.plannedRows == steps.map { [($0["batch"]?.numbers ?? []).map { Int32($0) }] })

    var logged: [LogEntry] = []
    try run.run { if case .logged(let entry) = $0 { logged.append(entry) } }
    let losses = logged.map(\.values).filter { $0["loss"] != nil }
    #expect(losses.count == 50)
    for (key, tolerance) in [
      ("loss", 5e-6), ("grad_norm", 2e-5), ("learning_rate", 0), ("epoch", 0), ("step", 0),
    ] {
      expectClose(
        losses.map { $0[key]?.double ?? .nan }, steps.map { $0[key]?.double ?? .nan },
        relative: tolerance, absolute: 0, key)
    }
    let queries = 120.0
    for (step, metrics) in try #require(reference["evaluations"]?.object).members {
      let entry = logged.map(\.values).first {
        $0["step"]?.integer == Int(step) && $0["eval_tiny_cosine_ndcg@10"] != nil
      }
      // One passage that changes places with another moves a query's metric by half at most.
      let ties = reference["near_ties"]?[step]?.double ?? 0
      for (name, value) in metrics.object?.members ?? JSONObject().members {
        expectClose(
          [entry?["eval_" + name]?.double ?? .nan], [value.double ?? 0], relative: 0,
          absolute: 1e-9 + ties * 0.5 / queries, "\(name) at step \(step)")
      }
    }
    try checkDirectory(reference, output, logged, run.encoder.model.parameters.count)
  }

  private func checkDirectory(
    _ reference: JSONValue, _ output: String, _ logged: [LogEntry], _ parameters: Int
  ) throws {
    let lines = try String(contentsOfFile: output + "/log.jsonl", encoding: .utf8)
      .split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    #expect(lines == logged.map { .object($0.values) })
    #expect(lines.last?["train_loss"] != nil)
    let recipe = try Recipe(contentsOf: output + "/recipe.json", overrides: [])
    #expect(recipe.resolved() == (try self.recipe(reference, output)).resolved())

    for step in [25, 50] {
      let checkpoint = "\(output)/checkpoint-\(step)"
      try Manifest.verify(checkpoint)
      let state = try JSONValue(
        parsing: Data(contentsOf: URL(filePath: checkpoint + "/trainer_state.json")))
      let expected = try Fixture.json("curve-tiny-bert.trainer_state.json", in: .module)
      #expect(state.object?.keys == expected.object?.keys)
      #expect(state["global_step"] == .integer(step))
      for key in ["max_steps", "num_train_epochs", "train_batch_size", "eval_steps", "save_steps"] {
        #expect(state[key] == expected[key], "\(key)")
      }
      let moments = try SafetensorsFile(contentsOf: checkpoint + "/optimizer.safetensors")
      #expect(moments.names.count == 2 * parameters)
      #expect(moments.metadata["step"] == String(step))
      let model = try SafetensorsFile(contentsOf: checkpoint + "/model.safetensors")
      #expect(model.names.count == parameters + 2)
    }
    let expected = try #require(reference["embeddings"]?["50"])
    let trained = try SentenceEncoderProbe.encode(
      output + "/final", reference["texts"]?.array?.compactMap(\.string) ?? [])
    expectClose(trained, expected.numbers, relative: 1e-4, absolute: 2e-5, "final embeddings")
    let csv = try String(
      contentsOfFile: output + "/eval/Information-Retrieval_evaluation_tiny_results.csv",
      encoding: .utf8)
    #expect(csv.split(separator: "\n").count == 4)
  }

  @Test func accumulationIsAMeanOverBatches() throws {
    // Two batches of one step: the loss is the mean of both.
    let reference = try curve(Self.curves[0])
    func steps(_ changes: [String: JSONValue]) throws -> [StepReport] {
      var value = try recipe(reference, Fixture.temporary("run")).resolved()
      var arguments = try #require(value["args"]?.object)
      for (key, change) in changes { arguments[key] = change }
      var object = try #require(value.object)
      object["args"] = .object(arguments)
      object["evaluators"] = []
      value = .object(object)
      var reports: [StepReport] = []
      try TrainingRun(Recipe(value)).run {
        if case .step(let report) = $0 { reports.append(report) }
      }
      return reports
    }
    let common: [String: JSONValue] = [
      "learning_rate": 0, "save_strategy": "no", "eval_strategy": "no", "eval_on_start": false,
    ]
    let single = try steps(common.merging(["max_steps": 4]) { $1 })
    let double = try steps(
      common.merging(["max_steps": 2, "gradient_accumulation_steps": 2]) { $1 })
    expectClose(
      double.map(\.loss),
      [(single[0].loss + single[1].loss) / 2, (single[2].loss + single[3].loss) / 2],
      relative: 1e-6, absolute: 0)
    // A mean of gradients is no longer than the mean of their lengths; their sum would be.
    for (pair, step) in zip([(0, 1), (2, 3)], double) {
      let lengths = single[pair.0].gradientNorm + single[pair.1].gradientNorm
      #expect(step.gradientNorm < lengths / 2)
      #expect(step.gradientNorm > lengths / 20)
    }
  }
}
