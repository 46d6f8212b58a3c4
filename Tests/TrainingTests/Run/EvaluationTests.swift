import Foundation
import JSONValues
import TestSupport
import Testing
import Training

/// Evaluation losses and evaluators of short runs against those of the peer's trainer, as
/// `make_evaluation.py` recorded them.
@Suite struct EvaluationTests {
  static let runs = (try? Fixture.json("evaluation.json", in: .module))?["runs"]?.array ?? []

  @Test func thereAreRuns() { #expect(Self.runs.count == 9) }

  private func file(_ name: String) -> JSONValue {
    .string(Fixture.path(name, in: .module))
  }

  /// A part of the rows, as a file of its own.
  private func dataset(_ range: JSONValue, _ columns: JSONValue) throws -> JSONValue {
    let bounds = range.numbers.map { Int($0) }
    let text = try String(
      contentsOfFile: Fixture.path("evaluation-rows.csv", in: .module), encoding: .utf8)
    // CR LF ends rows alone: inside quotes there is LF.
    let rows = text.components(separatedBy: "\r\n")
    let path = try Fixture.temporary("rows.csv")
    try ([rows[0]] + rows[(bounds[0] + 1)...bounds[1]]).joined(separator: "\r\n")
      .write(toFile: path, atomically: true, encoding: .utf8)
    return ["path": .string(path), "columns": columns]
  }

  private func recipe(_ run: JSONValue, _ output: String) throws -> Recipe {
    let columns: JSONValue = ["anchor", "positive", "negative"]
    var arguments = try #require(run["args"]?.object)
    for (key, value) in [
      "output_dir": .string(output), "logging_steps": 1, "save_strategy": "no",
    ] as [String: JSONValue] { arguments[key] = value }
    var loss = try #require(run["loss"]?.object)
    if let guide = loss["guide"]?.string { loss["guide"] = .string(TinyModel.directory(guide)) }
    let parts = try #require(run["eval_dataset"])
    let evaluation =
      try parts.object.map { object in
        JSONValue.object(
          JSONObject(try object.members.map { ($0, try dataset($1, columns)) }))
      } ?? dataset(parts, columns)
    var value: JSONObject = [
      "model": [
        "path": .string(TinyModel.directory(try #require(run["model"]?.string))), "dropout": 0,
      ],
      "train_dataset": ["path": file("curve-tiny.train.jsonl"), "columns": columns, "limit": 96],
      "eval_dataset": evaluation, "loss": .object(loss), "args": .object(arguments),
      "runtime": ["store": .string(output + ".store")],
    ]
    if run["name"] == "evaluators" {
      value["evaluators"] = [
        [
          "type": "EmbeddingSimilarityEvaluator", "name": "sts",
          "path": file("evaluation-pairs.tsv"), "similarity_fn_names": ["cosine", "manhattan"],
        ],
        [
          "type": "TripletEvaluator", "name": "triplets", "path": file("evaluation-rows.csv"),
          "columns": columns, "limit": 40, "margin": 0.01,
        ],
      ]
    }
    return try Recipe(.object(value))
  }

  @Test(arguments: runs.indices) func evaluationsAreThePeers(index: Int) throws {
    let expected = Self.runs[index]
    let output = try Fixture.temporary("run")
    var logged: [JSONObject] = []
    try TrainingRun(recipe(expected, output)).run {
      if case .logged(let entry) = $0 { logged.append(entry.values) }
    }
    expectClose(
      logged.compactMap { $0["loss"]?.double }, try #require(expected["losses"]).numbers,
      relative: 5e-6, absolute: 0, "losses")
    let evaluations = try #require(expected["evaluations"]?.object)
    #expect(evaluations.keys == ["0", "2", "4"])
    for (step, metrics) in evaluations.members {
      let found = logged.first { $0["step"]?.integer == Int(step) && $0["loss"] == nil }
      let entry = try #require(found)
      let metrics = try #require(metrics.object)
      #expect(Set(entry.keys.filter { $0.hasPrefix("eval_") }) == Set(metrics.keys))
      for (name, value) in metrics.members {
        // The peer takes the mean loss in single precision; ranks and accuracies are steps.
        let tolerance = name.hasSuffix("_loss") ? 2e-6 : 1e-5
        expectClose(
          [entry[name]?.double ?? .nan], [value.double ?? .nan], relative: tolerance,
          absolute: name.hasSuffix("_loss") ? 0 : 1e-6, "\(name) at step \(step)")
      }
    }
  }

  @Test func filesHaveThePeersColumns() throws {
    let output = try Fixture.temporary("run")
    let run = try #require(Self.runs.last)
    try TrainingRun(recipe(run, output)).run()
    for (name, header) in [
      (
        "similarity_evaluation_sts",
        "epoch,steps,cosine_pearson,cosine_spearman,manhattan_pearson,manhattan_spearman"
      ), ("triplet_evaluation_triplets", "epoch,steps,accuracy_cosine"),
    ] {
      let text = try String(contentsOfFile: "\(output)/eval/\(name)_results.csv", encoding: .utf8)
      let lines = text.components(separatedBy: "\r\n")
      #expect(lines[0] == header)
      #expect(
        lines.dropFirst().map { $0.split(separator: ",").dropFirst().first } == [
          "0", "2", "4", nil,
        ])
    }
  }

  @Test func rowsOfStepsThatAreTakenAgainAreCut() throws {
    let run = try #require(Self.runs.last)
    let whole = try Fixture.temporary("run")
    try TrainingRun(recipe(run, whole)).run()
    let output = try Fixture.temporary("run")
    let recipe = try recipe(run, output)
    var isDue = false
    let ending = try TrainingRun(recipe).run(
      observer: { if case .step(let report) = $0, report.step == 3 { isDue = true } },
      shouldStop: { isDue })
    #expect(ending == .stopped(step: 3, checkpoint: output + "/checkpoint-3"))
    let files = ["similarity_evaluation_sts", "triplet_evaluation_triplets"].map {
      "/eval/\($0)_results.csv"
    }
    // As a run leaves them that is killed after the evaluation of step 4, while it writes.
    for file in files {
      let text = try String(contentsOfFile: output + file, encoding: .utf8)
      try (text + "0.67,4,0.5\r\n0.8").write(
        toFile: output + file, atomically: true, encoding: .utf8)
    }
    try TrainingRun(recipe).run()
    for file in files {
      let found = try String(contentsOfFile: output + file, encoding: .utf8)
      #expect(found == (try String(contentsOfFile: whole + file, encoding: .utf8)))
    }
  }

  @Test func theBestModelMayBeThatOfTheSmallestLoss() throws {
    let output = try Fixture.temporary("run")
    var value = try #require(recipe(Self.runs[0], output).resolved().object)
    var arguments = try #require(value["args"]?.object)
    for (key, setting) in [
      "save_strategy": "steps", "save_steps": 2, "load_best_model_at_end": true,
      "metric_for_best_model": nil, "greater_is_better": nil,
    ] as [String: JSONValue] { arguments[key] = setting }
    value["args"] = .object(arguments)
    let recipe = try Recipe(.object(value))
    #expect(recipe.args.metricForBestModel == "loss" && recipe.args.greaterIsBetter == false)
    try TrainingRun(recipe).run()
    let state = try JSONValue(
      parsing: Data(contentsOf: URL(filePath: output + "/checkpoint-4/trainer_state.json")))
    let losses = try #require(Self.runs[0]["evaluations"]?.object).values.dropFirst()
      .compactMap { $0["eval_loss"]?.double }
    expectClose(
      [state["best_metric"]?.double ?? .nan], [try #require(losses.min())], relative: 2e-6,
      absolute: 0)
  }

  @Test(arguments: [
    ("accuracy", ["\"accuracy\" is not measured", "loss, sts_pearson_cosine", "sequential_score"]),
    ("near_loss", ["\"near_loss\" is not measured; what is: loss,"]),
  ])
  func metricsThatAreNotMeasuredAreNamed(_ metric: String, _ parts: [String]) throws {
    let output = try Fixture.temporary("run")
    let run = try #require(Self.runs.last)
    var value = try #require(recipe(run, output).resolved().object)
    var arguments = try #require(value["args"]?.object)
    arguments["metric_for_best_model"] = .string(metric)
    value["args"] = .object(arguments)
    let recipe = try Recipe(.object(value))
    let error = #expect(throws: RecipeError.self) { try TrainingRun(recipe) }
    for part in parts {
      #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }
  }

  @Test(
    arguments: [
      (
        ["columns": ["anchor", "positive"]], "there are 2 columns: anchor, positive; expected three"
      ),
      (["truncate_dim": 1000], "truncate_dim is 1000, but embeddings have 32"),
    ] as [([String: JSONValue], String)])
  func evaluatorsThatCannotWorkAreRefused(_ changes: [String: JSONValue], _ part: String) throws {
    let output = try Fixture.temporary("run")
    let run = try #require(Self.runs.last)
    var value = try #require(recipe(run, output).resolved().object)
    var evaluator = try #require(value["evaluators"]?.array?.last?.object)
    for (key, setting) in changes { evaluator[key] = setting }
    value["evaluators"] = [.object(evaluator)]
    let recipe = try Recipe(.object(value))
    let error = #expect(throws: RunError.self) { try TrainingRun(recipe) }
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
  }
}
