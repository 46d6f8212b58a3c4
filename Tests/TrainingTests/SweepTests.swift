import Foundation
import FoundationXML
import JSONValues
import TestSupport
import Testing
import Training

/// A family of runs: its file, and the table of its results.
@Suite final class SweepTests {
  private let recipe = FileManager.default.temporaryDirectory.appending(
    path: UUID().uuidString + ".json")

  deinit { try? FileManager.default.removeItem(at: recipe) }

  private func sweep(_ change: (inout JSONObject) -> Void = { _ in }) throws -> Sweep {
    try Data(smallRecipe().text().utf8).write(to: recipe)
    var object = JSONObject([
      ("recipe", .string(recipe.path)), ("output_dir", "out"), ("seeds", [1, 2]),
      ("metrics", ["a", "b"]),
      (
        "runs",
        [
          ["name": "Plain"],
          ["name": "Warm, 0.5", "set": ["args.warmup_ratio": 0.5, "loss.scale": 10]],
        ]
      ),
    ])
    change(&object)
    return try withRecipeFile(JSONValue.object(object).text()) { try Sweep(contentsOf: $0) }
  }

  @Test func everyRunOfTheFirstSeedComesFirst() throws {
    let members = try sweep().members(settings: ["args.bf16=true"])
    #expect(
      members.map(\.directory) == [
        "out/plain-1", "out/warm-0.5-1", "out/plain-2", "out/warm-0.5-2",
      ])
    #expect(
      members[3].settings == [
        "args.warmup_ratio=0.5", "loss.scale=10", "args.bf16=true", "args.seed=2",
        "args.output_dir=out/warm-0.5-2",
      ])
  }

  @Test func theDirectoryStandsInSettings() throws {
    let sweep = try sweep {
      $0["runs"] = [["name": "x", "set": ["model.path": "{output_dir}/plain-1/final"]]]
    }
    #expect(try sweep.members()[0].settings[0] == #"model.path="out/plain-1/final""#)
  }

  @Test func faultsAreNamed() throws {
    func complaint(_ change: (inout JSONObject) -> Void) -> String {
      do {
        _ = try sweep(change).members()
        return "accepted"
      } catch { return "\(error)" }
    }
    let twice = complaint { $0["runs"] = [["name": "A b"], ["name": "a-B"]] }
    #expect(twice.hasSuffix("runs[1].name: a-B and A b would share the directory a-b-…"))
    #expect(complaint { $0["seeds"] = [3, 3] }.hasSuffix("seeds: a seed stands here twice"))
    #expect(complaint { $0["metric"] = "a" }.contains("metrics"))
    let wrong = complaint { $0["runs"] = [["name": "x", "set": ["args.warmup_ratoi": 0.1]]] }
    #expect(wrong.hasPrefix("runs[0], x: --set: args.warmup_ratoi"), "\(wrong)")
  }

  /// Expected numbers by Python's statistics.mean and statistics.stdev.
  @Test func tableHasMeanAndSpread() throws {
    let directory = try Fixture.temporary("sweep")
    let sweep = try sweep {
      ($0["seeds"], $0["output_dir"]) = ([1, 2, 3], .string(directory))
    }
    let members = try sweep.members()
    var results = try SweepResults(directory: directory)
    for (member, value) in zip(members, [0.5, 0.4, 0.75, 0.4, 0.85]) {
      let folder = member.directory
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let log = """
        {"step": 0, "eval_a": 0.25}
        {"step": 4, "loss": 0.5}
        {"step": 8, "eval_a": \(value), "eval_b": 1}
        {"step": 8, "train_runtime": \(value * 100)}
        """
      try log.write(toFile: folder + "/log.jsonl", atomically: true, encoding: .utf8)
      try results.add(member, peakBytes: Int(value * 1000))
    }
    #expect(try SweepResults(directory: directory) == results)
    let table = SweepTable(sweep, members, results)
    #expect(table.rows.map(\.name) == ["untouched", "Plain", "Warm, 0.5"])
    #expect(table.rows[0].metrics[0]?.mean == 0.25 && table.rows[0].metrics[1] == nil)
    let plain = table.rows[1]
    expectClose([plain.metrics[0]?.mean ?? 0], [0.7], relative: 1e-12, absolute: 0, "mean")
    expectClose(
      [plain.metrics[0]?.deviation ?? 0], [0.18027756377319945], relative: 1e-12, absolute: 0,
      "deviation")
    #expect(plain.seedCount == 3 && plain.peakBytes == 850 && plain.metrics[1]?.deviation == 0)
    expectClose([plain.seconds ?? 0], [70], relative: 1e-12, absolute: 0, "seconds")
    #expect(table.rows[2].seedCount == 2)

    let plot = try #require(table.plot)
    let parser = XMLParser(data: Data(plot.utf8))
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    // Each seed a dot, each row a mean, the model before training a line.
    #expect(plot.components(separatedBy: "class=\"dot\"").count - 1 == 5)
    #expect(plot.components(separatedBy: "class=\"mean\"").count - 1 == 2)
    #expect(plot.contains("untouched 0.2500") && plot.contains(">0.7000<"))
    try results.check(members)

    // Other settings: nothing of the old is shown, and nothing is written over.
    let other = try sweep.members(settings: ["args.warmup_ratio=0.25"])
    #expect(other.allSatisfy { results.result(of: $0) == nil })
    #expect(SweepTable(sweep, other, results).rows.isEmpty)
    let error = #expect(throws: RunError.self) { try results.check(other) }
    #expect(
      error?.description.hasSuffix(
        """
        plain-1: holds Plain, seed 1, of other settings: now args.warmup_ratio=0.25; choose \
        another --output-dir, or remove the directory to train it again
        """) == true, "\(String(describing: error))")
    try FileManager.default.removeItem(atPath: other[0].directory)
    try results.check([other[0]])
  }

  @Test func aChangedRecipeIsAnotherOne() throws {
    let sweep = try sweep()
    let before = try sweep.members()[0].identity
    var recipe = try JSONValue(parsing: Data(contentsOf: URL(filePath: sweep.recipe)))
    func identity(setting key: String, to value: JSONValue) throws -> [String] {
      guard case .object(var object) = recipe else { return [] }
      object[key] = value
      recipe = .object(object)
      try Data(recipe.text().utf8).write(to: URL(filePath: sweep.recipe))
      return try sweep.members()[0].identity
    }
    #expect(try identity(setting: "notes", to: "for people") == before)
    #expect(try identity(setting: "runtime", to: ["threads": 1]) != before)
  }
}
