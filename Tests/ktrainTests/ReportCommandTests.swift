import Foundation
import JSONValues
import TestSupport
import Testing

/// What `fit` leaves for its report, and `ktrain report`.
@Suite struct ReportCommandTests {
  private func lines(_ path: String) throws -> [JSONObject] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
      try #require(try JSONValue(parsing: String($0)).object)
    }
  }

  @Test func fitLeavesAReportAndWhatItIsMadeOf() throws {
    var files = try RunFiles()
    files.setArgument("max_steps", 5)
    files.setArgument("logging_steps", 2)
    files.recipe["clusters"] = ["column": "positive", "encoder": .string(files.model), "k": 2]
    let outcome = try files.fit()
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.contains("saved    \(files.output)/report.html\n"), "\(outcome.error)")
    let timings = try lines(files.output + "/timings.jsonl")
    let steps = timings.filter { $0["steps"] != nil }
    #expect(steps.compactMap { $0["step"]?.integer } == [2, 4, 5])
    #expect(steps.compactMap { $0["steps"]?.integer } == [2, 2, 1])
    for entry in steps {
      let phases = ["encode", "loss", "backward", "optimizer"].compactMap { entry[$0]?.double }
      let seconds = try #require(entry["seconds"]?.double)
      #expect(phases.count == 4 && phases.allSatisfy { $0 > 0 })
      #expect(phases.reduce(0, +) <= seconds)
      #expect(entry["peak_bytes"]?.integer ?? 0 >= entry["resident_bytes"]?.integer ?? 1)
    }
    let facts = try JSONValue(parsing: Data(contentsOf: URL(filePath: files.output + "/run.json")))
    let dataset = try #require(facts["datasets"]?.array?.first)
    #expect(dataset["rows"] == 12)
    #expect(dataset["clusters"]?["sizes"]?.numbers.reduce(0, +) == 12)
    // Both columns have a word for each of "question 7" and "the answer is 7", and 2 special ones.
    for column in try #require(dataset["columns"]?.array) {
      let counts = try #require(column["histogram"]?["counts"]).numbers
      #expect(counts.reduce(0, +) == 12)
      let (least, most) = (column["tokens"]?["min"]?.integer ?? 0, counts.count - 1)
      #expect(column["tokens"]?["max"]?.integer == most && counts[least] > 0 && counts[most] > 0)
    }
    let chosen = try #require(facts["chosen"]?.array).compactMap(\.string)
    #expect(
      chosen == [
        "model.path", "train_dataset.path", "loss.name", "args.output_dir", "args.max_steps",
        "args.per_device_train_batch_size", "args.logging_steps", "clusters.column",
        "clusters.encoder", "clusters.k", "runtime.store",
      ])
    #expect(facts["inputs"]?.array?.count == 4)
    let html = try String(contentsOfFile: files.output + "/report.html", encoding: .utf8)
    for text in ["Tokens of anchor", "2 clusters", "Seconds a step", "<code>args.max_steps</code>"]
    {
      #expect(html.contains(text), "\(text)")
    }
  }

  @Test func severalRunsGoIntoOneFile() throws {
    let files = try RunFiles()
    let other = files.directory + "/other"
    #expect(try files.fit().status == 0)
    #expect(try files.fit("--output-dir", other, "--set", "args.seed=7").status == 0)
    let path = files.directory + "/both.html"
    let outcome = try CommandLineTool.run("report", files.output, other, "--output", path)
    #expect(outcome.status == 0 && outcome.output == path + "\n" && outcome.error.isEmpty)
    let html = try String(contentsOfFile: path, encoding: .utf8)
    #expect(html.contains("<code>args.seed</code></th><td>42</td><td>7</td>"))
    // One alone goes into its own directory.
    let alone = try CommandLineTool.run("report", other)
    #expect(alone.output == other + "/report.html\n")
  }

  @Test func errorsAreOneLine() throws {
    let files = try RunFiles()
    for (arguments, message) in [
      ([files.model], "holds no run"), ([files.directory + "/x"], "there is no such directory"),
    ] {
      let outcome = try CommandLineTool.run(["report"] + arguments)
      #expect(outcome.status == 1 && outcome.output.isEmpty)
      #expect(outcome.error.hasPrefix("ktrain: error: \(arguments[0]): "), "\(outcome.error)")
      #expect(outcome.error.contains(message) && outcome.error.split(separator: "\n").count == 1)
    }
    #expect(try files.fit().status == 0)
    let outcome = try CommandLineTool.run(
      "report", files.output, "-o", files.directory + "/x/y.html")
    #expect(outcome.status == 1 && outcome.error.split(separator: "\n").count == 1)
    #expect(try CommandLineTool.run(["report"]).status == 2)
  }
}
