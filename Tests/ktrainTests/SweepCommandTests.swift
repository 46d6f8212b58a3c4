import Foundation
import JSONValues
import TestSupport
import Testing

/// `ktrain sweep` through whole small runs.
@Suite struct SweepCommandTests {
  private func files() throws -> (RunFiles, sweep: String) {
    var files = try RunFiles()
    let data = Fixture.path("curve-tiny", of: "TrainingTests")
    files.recipe["train_dataset"] = ["path": .string(data + ".train.jsonl")]
    files.recipe["evaluators"] = [
      ["type": "InformationRetrievalEvaluator", "name": "tiny", "path": .string(data + "-beir")]
    ]
    for (name, value) in ["eval_strategy": "epoch", "save_strategy": "no"] as [String: JSONValue] {
      files.setArgument(name, value)
    }
    _ = try files.fitting()  // writes the recipe
    let sweep: JSONValue = [
      "recipe": .string(files.directory + "/recipe.json"),
      "output_dir": .string(files.directory + "/sweep"), "seeds": [1, 2],
      "metrics": ["tiny_cosine_ndcg@10"],
      "make": [
        [
          "file": "{output_dir}/rows.jsonl",
          "by": [
            "mine", .string(files.model), .string(data + ".train.jsonl"), "--num-negatives", "1",
            "--store", .string(files.store), "--output", "{output_dir}/rows.jsonl",
          ],
        ]
      ],
      "runs": [
        ["name": "slow", "set": ["args.eval_on_start": true]],
        ["name": "fast", "set": ["args.learning_rate": 0.01]],
        ["name": "mined", "set": ["train_dataset.path": "{output_dir}/rows.jsonl"]],
      ],
    ]
    let path = files.directory + "/sweep.json"
    try files.write(sweep.text(), to: path)
    return (files, path)
  }

  @Test func makesATableAndGoesOn() throws {
    let (files, sweep) = try files()
    let first = try CommandLineTool.run("sweep", sweep, "--seeds", "1")
    #expect(first.status == 0, "\(first.error)")
    let results = files.directory + "/sweep/results.json"
    let before = try JSONValue(parsing: Data(contentsOf: URL(filePath: results)))
    #expect(before["results"]?.array?.count == 3)

    let second = try CommandLineTool.run("sweep", sweep)
    #expect(second.status == 0, "\(second.error)")
    // Only what was missing was trained.
    #expect(!second.error.contains("seed 1") && second.error.contains("run 6 of 6: mined, seed 2"))
    #expect(!second.error.contains("making"))
    let after = try JSONValue(parsing: Data(contentsOf: URL(filePath: results)))
    #expect(after["results"]?.array?.prefix(3) == before["results"]?.array?[...])
    #expect(after["results"]?.array?.count == 6)
    let lines = second.output.split(separator: "\n")
    #expect(lines.count == 5, "\(second.output)")
    #expect(lines[1].hasPrefix("untouched  ") && lines[4].hasPrefix("mined "))
    let table = try String(contentsOfFile: files.directory + "/sweep/table.md", encoding: .utf8)
    #expect(table.hasPrefix("| run | tiny_cosine_ndcg@10 | seeds | time | memory |\n|---|--:|"))
    let shown = try CommandLineTool.run("sweep", sweep, "--table")
    #expect(shown.output == second.output && shown.error.isEmpty)
  }

  @Test func aRunThatFailsEndsIt() throws {
    let (files, sweep) = try files()
    let outcome = try CommandLineTool.run(
      "sweep", sweep, "--set", "model.path=\(files.directory)/nothing")
    #expect(outcome.status == 1)
    #expect(outcome.error.hasSuffix("slow ended with status 1; the same command goes on\n"))
    let output = files.directory + "/sweep/results.json"
    #expect(!FileManager.default.fileExists(atPath: output))
  }
}
