import Foundation
import JSONValues
import TestSupport
import Testing

/// `ktrain mine` through the binary.
@Suite struct MineCommandTests {
  let files: RunFiles

  init() throws { files = try RunFiles() }

  static let mining = Result { try Fixture.json("mining.json", of: "ktrainTests") }

  @Test(arguments: 0..<9)
  func miningEqualsThePeer(number: Int) throws {
    let fixture = try Self.mining.get()
    let texts = try #require(fixture["texts"]?.array)
    let mined = try #require(fixture["cases"]?.array?[number])
    let columns = try #require(mined["columns"]?.array).compactMap(\.string)
    try write(fixture["pairs"], texts, ["question", "passage"], to: files.data)
    try write(fixture["corpus"]?.array.map { .array($0.map { [$0] }) }, texts, ["body"], to: corpus)
    let output = files.directory + "/mined.jsonl"
    let outcome = try mine(
      ["--output", output, "--seed", String(fixture["seed"]?.integer ?? 0)]
        + arguments(mined["options"]))
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.output.isEmpty)
    let rows = try lines(output)
    let expected = try #require(mined["rows"]?.array)
    #expect(rows.count == expected.count)
    for (row, expected) in zip(rows, expected) {
      #expect(row.object?.keys == columns)
      for (column, value) in zip(columns, expected.array ?? []) {
        try expectEqual(row[column], value, texts, column)
      }
    }
    let printed = try #require(mined["printed"]?.array).compactMap(\.string)
    let lines = outcome.error.split(separator: "\n").map(String.init)
    let start = try #require(lines.firstIndex { $0.hasPrefix("Metric") })
    for (line, expected) in zip(lines[start...], printed) { expectAlike(line, expected) }
    #expect(lines.count == start + printed.count + 1, "\(outcome.error)")
  }

  /// A value of a row: texts by their places, scores, labels.
  private func expectEqual(
    _ value: JSONValue?, _ expected: JSONValue, _ texts: [JSONValue], _ column: String
  ) throws {
    if column.hasPrefix("score") {
      let (found, wanted) = (value?.array?.map(\.double) ?? [value?.double], expected.array)
      expectClose(
        found.map { $0 ?? .nan }, (wanted ?? [expected]).map { $0.double ?? .nan }, relative: 0,
        absolute: 2e-6, column)
    } else if column.hasPrefix("label") {
      #expect(value == expected)
    } else if let places = expected.array {
      #expect(value?.array == places.map { texts[$0.integer ?? 0] })
    } else {
      #expect(value == texts[try #require(expected.integer)])
    }
  }

  /// Equal lines, but that rounding may have gone the other way in the last of four digits.
  private func expectAlike(_ line: String, _ expected: String) {
    let (words, wanted) = (line.split(separator: " "), expected.split(separator: " "))
    #expect(words.count == wanted.count && line.count == expected.count, "\(line)")
    for (word, wanted) in zip(words, wanted) where word != wanted {
      let distance = abs((Double(word) ?? .nan) - (Double(wanted) ?? .nan))
      #expect(distance < 1.01e-4 && word.contains("."), "\(line)\n\(expected)")
    }
  }

  @Test func minedRowsTrain() throws {
    let output = files.directory + "/mined.jsonl"
    #expect(try mine(["--output", output, "--num-negatives", "2"]).status == 0)
    var files = files
    files.recipe["train_dataset"] = ["path": .string(output)]
    let outcome = try files.fit()
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.contains("24 rows of anchor, positive, negative"), "\(outcome.error)")
  }

  @Test func embeddingsAreComputedOnce() throws {
    let first = try mine(["--positive-column", "positive"])
    #expect(first.error.contains("embeddings of anchor: 12 computed, 0 from the store"))
    let second = try mine(["--anchor-column", "anchor"])
    #expect(second.error.contains("embeddings of anchor: 0 computed, 12 from the store"))
    #expect(second.output == first.output && !first.output.isEmpty)
    let clusters = try CommandLineTool.run(
      "cluster", files.model, files.data, "--column", "positive", "--k", "2", "--store",
      files.store)
    #expect(clusters.error.contains("embeddings of positive: 0 computed, 12 from the store"))
  }

  @Test func furtherColumnsAreNamedAndIgnored() throws {
    try files.write(
      #"{"id": "1", "q": "one", "p": "first", "n": ["a", "b"]}"# + "\n"
        + #"{"id": "2", "q": "two", "p": "second", "n": ["c", "d"]}"# + "\n", to: files.data)
    let outcome = try mine([
      "--anchor-column", "q", "--positive-column", "p", "--num-negatives", "1",
    ])
    #expect(outcome.output.hasPrefix(#"{"q": "one", "p": "first", "negative": "second"}"#))
    let positional = try mine(["--anchor-column", "p", "--num-negatives", "1"])
    #expect(positional.error.contains("columns besides p and q are ignored: id, n\n"))
  }

  @Test func withoutNegativesNothingIsWritten() throws {
    let output = files.directory + "/mined.jsonl"
    try files.write("before", to: output)
    let outcome = try mine(["--max-score=-0.99", "--output", output])
    #expect(outcome.status == 1)
    #expect(outcome.error.contains("Skipped "), "\(outcome.error)")
    #expect(outcome.error.contains("no row with enough negatives"), "\(outcome.error)")
    #expect(try String(contentsOfFile: output, encoding: .utf8) == "before")
    #expect(!FileManager.default.fileExists(atPath: output + ".partial"))
  }
}

extension MineCommandTests {
  private var corpus: String { files.directory + "/corpus.jsonl" }

  private func mine(_ arguments: [String]) throws -> CommandLineTool.Outcome {
    try CommandLineTool.run(
      ["mine", files.model, files.data, "--store", files.store] + arguments)
  }

  /// The peer's options as those of the command line.
  private func arguments(_ options: JSONValue?) -> [String] {
    (options?.object?.members.map { ($0, $1) } ?? []).flatMap { name, value -> [String] in
      if name == "corpus" { return ["--corpus", corpus, "--corpus-field", "body"] }
      let option = "--" + name.replacing("_", with: "-")
      return value == true ? [option] : [option, value.string ?? value.text()]
    }
  }

  /// Writes rows of places in `texts` as JSONL.
  private func write(
    _ rows: JSONValue?, _ texts: [JSONValue], _ columns: [String], to path: String
  ) throws {
    let rows = try #require(rows?.array)
    let lines = rows.map { row in
      let members = zip(columns, row.array ?? []).map { ($0, texts[$1.integer ?? 0]) }
      return JSONValue.object(JSONObject(members.map { (key: $0.0, value: $0.1) })).text()
    }
    try files.write(lines.joined(separator: "\n"), to: path)
  }

  private func lines(_ path: String) throws -> [JSONValue] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      .map { try JSONValue(parsing: String($0)) }
  }
}
