import Foundation
import JSONValues
import TestSupport
import Testing
import Training

/// A family of runs: its file, and the table of its results.
@Suite struct SweepTests {
  private func sweep(_ change: (inout JSONObject) -> Void = { _ in }) throws -> Sweep {
    let recipe = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString + ".json")
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
    let sweep = try sweep { $0["seeds"] = [1, 2, 3] }
    let directory = try Fixture.temporary("sweep")
    var results = try SweepResults(directory: directory)
    for (member, value) in zip(try sweep.members(), [0.5, 0.4, 0.75, 0.4, 0.85]) {
      let folder = directory + "/" + member.directory
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let log = """
        {"step": 0, "eval_a": 0.25}
        {"step": 4, "loss": 0.5}
        {"step": 8, "eval_a": \(value), "eval_b": 1}
        {"step": 8, "train_runtime": \(value * 100)}
        """
      try log.write(toFile: folder + "/log.jsonl", atomically: true, encoding: .utf8)
      let moved = try self.sweep {
        ($0["seeds"], $0["output_dir"]) = ([1, 2, 3], .string(directory + "/out"))
      }
      let there = try #require(
        try moved.members().first { $0.run == member.run && $0.seed == member.seed })
      try results.add(there, peakBytes: Int(value * 1000))
    }
    #expect(try SweepResults(directory: directory) == results)
    let table = SweepTable(sweep, results)
    #expect(table.rows.map(\.name) == ["untouched", "Plain", "Warm, 0.5"])
    #expect(table.rows[0].metrics[0]?.mean == 0.25 && table.rows[0].metrics[1] == nil)
    let plain = table.rows[1]
    expectClose([plain.metrics[0]?.mean ?? 0], [0.7], relative: 1e-12, absolute: 0, "mean")
    expectClose(
      [plain.metrics[0]?.deviation ?? 0], [0.18027756377319945], relative: 1e-12, absolute: 0,
      "deviation")
    #expect(plain.seedCount == 3 && plain.peakBytes == 850 && plain.metrics[1]?.deviation == 0)
    expectClose([plain.seconds ?? 0], [70], relative: 1e-12, absolute: 0, "seconds")
    #expect(table.rows[2].seedCount == 2 && table.best(metric: 0) == plain.metrics[0]?.mean)
  }
}
