import Foundation
import JSONValues
import TestSupport
import Testing
import Training

/// Runs with losses that follow a teacher, step for step with sentence-transformers' trainer, and what
/// is said of labels that do not suit a loss.
@Suite struct DistillationRunTests {
  static let runs =
    (try? Fixture.json("curve-distillation.json", in: .module))?["runs"]?.array ?? []

  @Test func thereAreRuns() { #expect(Self.runs.count == 4) }

  /// Rows of a recorded run in a file of their own.
  private func file(_ rows: some Sequence<JSONValue>) throws -> JSONValue {
    let path = try Fixture.temporary("rows.jsonl")
    try rows.map { $0.text() }.joined(separator: "\n")
      .write(toFile: path, atomically: true, encoding: .utf8)
    return ["path": .string(path)]
  }

  private func recipe(_ run: JSONValue, changes: [String: JSONValue] = [:]) throws -> Recipe {
    let output = try Fixture.temporary("run")
    let rows = try #require(run["rows"]?.array)
    let count = try #require(run["trained"]?.integer)
    var arguments = try #require(run["args"]?.object)
    arguments["output_dir"] = .string(output)
    arguments["logging_steps"] = 1
    arguments["save_strategy"] = "no"
    var value: JSONObject = [
      "model": ["path": .string(TinyModel.directory), "dropout": 0],
      "train_dataset": try file(rows[..<count]), "eval_dataset": try file(rows[count...]),
      "loss": run["loss"] ?? nil, "args": .object(arguments),
      "runtime": ["store": .string(output + ".store")],
    ]
    for (key, change) in changes { value[key] = change }
    return try Recipe(.object(value))
  }

  @Test(arguments: runs.indices) func theCurveIsThePeers(index: Int) throws {
    let expected = Self.runs[index]
    let run = try TrainingRun(recipe(expected))
    let steps = try #require(expected["steps"]?.array)
    #expect(run.plannedRows == steps.map { [($0["batch"]?.numbers ?? []).map { Int32($0) }] })
    var logged: [JSONObject] = []
    try run.run { if case .logged(let entry) = $0 { logged.append(entry.values) } }
    let losses = logged.filter { $0["loss"] != nil }
    #expect(losses.count == 50)
    for (key, tolerance) in [("loss", 1e-5), ("grad_norm", 3e-5), ("learning_rate", 0)] {
      expectClose(
        losses.map { $0[key]?.double ?? .nan }, steps.map { $0[key]?.double ?? .nan },
        relative: tolerance, absolute: 0, key)
    }
    let evaluations = try #require(expected["evaluations"]?.object)
    #expect(evaluations.keys == ["0", "25", "50"])
    for (step, value) in evaluations.members {
      let entry = logged.first { $0["step"]?.integer == Int(step) && $0["eval_loss"] != nil }
      expectClose(
        [entry?["eval_loss"]?.double ?? .nan], [value.double ?? .nan], relative: 1e-5, absolute: 0,
        "eval_loss at step \(step)")
    }
  }

  /// The loss of each step.
  private func losses(_ recipe: Recipe, stopAfter last: Int? = nil) throws -> [Double] {
    var losses: [Double] = []
    var isDue = false
    try TrainingRun(recipe).run(
      observer: {
        if case .step(let report) = $0 {
          losses.append(report.loss)
          isDue = report.step == last
        }
      }, shouldStop: { isDue })
    return losses
  }

  @Test func memoryAndMiniBatchesDoNotMatter() throws {
    let run = Self.runs[2]
    func losses(_ memory: String) throws -> [Double] {
      let recipe = try recipe(run).resolved()
      var value = try #require(recipe.object)
      var runtime = try #require(value["runtime"]?.object)
      runtime["memory"] = .string(memory)
      value["runtime"] = .object(runtime)
      var arguments = try #require(value["args"]?.object)
      arguments["max_steps"] = 3
      value["args"] = .object(arguments)
      return try self.losses(Recipe(.object(value)))
    }
    #expect(try losses("1MiB") == losses("8GiB"))
  }

  @Test func dataSetsWithAndWithoutLabelsGoTogether() throws {
    let (labelled, plain) = (Self.runs[0], try #require(Self.runs[0]["rows"]?.array))
    let pairs = plain.map { row in
      JSONValue.object(
        JSONObject([("anchor", row["anchor"] ?? nil), ("positive", row["positive"] ?? nil)]))
    }
    let recipe = try recipe(
      labelled,
      changes: [
        "train_dataset": ["taught": try file(plain), "pairs": try file(pairs)],
        "loss": [
          "taught": ["name": "MarginMSELoss"], "pairs": ["name": "MultipleNegativesRankingLoss"],
        ],
        "eval_dataset": nil,
        "args": [
          "output_dir": .string(try Fixture.temporary("run")), "max_steps": 6,
          "per_device_train_batch_size": 16, "save_strategy": "no",
        ],
      ])
    let run = try TrainingRun(recipe)
    #expect(run.summary.datasets.map(\.labels) == ["label", nil])
    #expect(run.summary.datasets.map(\.negativesPerAnchor) == [1, 15])
    #expect(try losses(recipe).count == 6)
  }

  @Test(
    arguments: [
      (["label": nil], "MarginMSELoss", "needs labels, 1 number or 2 for each row"),
      (["label": [1, 2, 3]], "MarginMSELoss", "needs 1 number or 2 for each row"),
      (["label": 1], "DistillKLDivLoss", "needs 2 numbers for each row"),
      (["label": [1]], "DistillKLDivLoss", "the column \"label\" holds 1"),
      (["negative": nil], "MarginMSELoss", "needs a query and two documents; there are 2"),
    ] as [([String: JSONValue], String, String)])
  func labelsThatDoNotFitAreRefused(
    _ changes: [String: JSONValue], _ loss: String, _ part: String
  ) throws {
    var run = try #require(Self.runs[0].object)
    run["loss"] = ["name": .string(loss)]
    run["rows"] = .array(
      try #require(run["rows"]?.array).map { row in
        guard var object = row.object else { return row }
        for (key, value) in changes { object[key] = value.isNull ? JSONValue?.none : value }
        return .object(object)
      })
    let recipe = try recipe(.object(run))
    let error = #expect(throws: RunError.self) { try TrainingRun(recipe) }
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    #expect(error?.description.hasPrefix("train_dataset") == true)
  }

  @Test func labelsThatNobodyLooksAtAreMentioned() throws {
    var run = try #require(Self.runs[0].object)
    run["loss"] = ["name": "MultipleNegativesRankingLoss"]
    let notes = try TrainingRun(recipe(.object(run))).summary.notes
    #expect(notes.contains { $0.contains("\"label\" holds labels, which MultipleNeg") }, "\(notes)")
    run["loss"] = ["name": "DistillKLDivLoss", "teacher_temperature": 0.001]
    run["rows"] = Self.runs[3]["rows"]
    let more = try TrainingRun(recipe(.object(run))).summary.notes
    #expect(more.contains { $0.hasPrefix("loss.teacher_temperature: ") }, "\(more)")
  }
}

/// `n_dims_per_step`: the draw of each step is a function of seed and step.
extension DistillationRunTests {
  private func drawing(_ changes: [String: JSONValue] = [:]) throws -> Recipe {
    var run = try #require(Self.runs[0].object)
    run["loss"] = [
      "name": "MatryoshkaLoss", "loss": ["name": "MultipleNegativesRankingLoss"],
      "matryoshka_dims": [32, 16, 8, 4], "n_dims_per_step": 2,
    ]
    var arguments = try #require(run["args"]?.object)
    for (key, value) in ["max_steps": 8, "learning_rate": 0, "eval_on_start": false]
      as [String: JSONValue]
    { arguments[key] = value }
    for (key, value) in changes { arguments[key] = value }
    run["args"] = .object(arguments)
    return try recipe(.object(run))
  }

  @Test func everyStepDrawsItsDimensions() throws {
    let losses = try losses(drawing())
    #expect(try losses == self.losses(drawing()))
    // One epoch of six batches is repeated with a rate of 0, in another order.
    var whole = try #require(try drawing().resolved().object)
    var loss = try #require(whole["loss"]?.object)
    loss["n_dims_per_step"] = -1
    whole["loss"] = .object(loss)
    let all = try self.losses(Recipe(.object(whole)))
    #expect(zip(losses, all).allSatisfy { $0 < $1 * 0.9 })
    // Two of four dimensions are about half of the sum, never twice the same share of it.
    let shares = zip(losses, all).map { $0 / $1 }
    #expect(Set(shares.map { Int(($0 * 200).rounded()) }).count > 2, "\(shares)")
  }

  @Test func aRunThatGoesOnDrawsWhatItWouldHaveDrawn() throws {
    let straight = try losses(drawing(["learning_rate": 1e-3]))
    let recipe = try drawing(["learning_rate": 1e-3])
    #expect(try losses(recipe, stopAfter: 3) + losses(recipe) == straight)
  }

  @Test func aRunDoesNotGoOnWithOtherLabels() throws {
    let recipe = try recipe(Self.runs[0])
    #expect(try losses(recipe, stopAfter: 2).count == 2)
    let path = recipe.trainDataset.values[0].paths[0]
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let other = text.replacingOccurrences(
      of: #"^\{"label": ?[^,]*"#, with: #"{"label": 0.5"#, options: .regularExpression)
    #expect(other != text)
    try other.write(toFile: path, atomically: true, encoding: .utf8)
    let error = #expect(throws: RunError.self) { try TrainingRun(recipe) }
    #expect(error?.description.contains(path) == true, "\(error?.description ?? "")")
  }
}
