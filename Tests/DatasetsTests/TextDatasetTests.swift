import Datasets
import JSONValues
import Testing

@Suite struct TextDatasetTests {
  /// The expected texts of all columns for the first rows.
  private func texts(rows: Int) throws -> [[String]] {
    try #require(expected["columns"]?.array).map { column in
      try #require(column.array).prefix(rows).map { value in
        if let text = value.string { return text }
        let times = try #require(value["times"]?.integer)
        return String(repeating: try #require(value["repeat"]?.string), count: times)
      }
    }
  }

  private func expectRows(_ data: TextDataset, _ rows: Int) throws {
    #expect(data.columns.map(\.name) == ["anchor", "positive", "negative", "negative"])
    #expect(data.columns.map(\.element) == [nil, nil, 0, 1])
    #expect(data.rowCount == rows)
    for (column, texts) in zip(data.columns, try texts(rows: rows)) {
      #expect(haveEqualBytes(Array(column), texts), "\(column.name)")
    }
  }

  @Test func readsByteOrderMarkCarriageReturnsAndBlankLines() throws {
    try expectRows(try TextDataset(contentsOf: [fixture("windows.jsonl")]), 5)
  }

  @Test(arguments: ["members.jsonl.gz", "members-without-suffix.jsonl"])
  func readsGzipMembersOneAfterTheOther(_ name: String) throws {
    try expectRows(try TextDataset(contentsOf: [fixture(name)]), 6)
  }

  @Test func numbersTextsByTheirBytes() throws {
    let data = try TextDataset(contentsOf: [fixture("members.jsonl.gz")])
    let ids = try #require(expected["ids"]?.array).map { column in
      try #require(column.array).map { Int32(try #require($0.integer)) }
    }
    #expect(data.textIDs() == ids)
  }

  @Test func numbersManyTexts() {
    let texts = (0..<5000).map { "text \($0 % 700)" }
    let data = TextDataset(columns: [TextColumn(name: "anchor", texts: texts)])
    #expect(data.textIDs() == [(0..<5000).map { Int32($0 % 700) }])
  }

  @Test func filesFollowOneAnother() throws {
    let data = try TextDataset(
      contentsOf: [fixture("windows.jsonl"), fixture("members.jsonl.gz")], columns: ["positive"])
    let texts = try texts(rows: 6)[1]
    #expect(haveEqualBytes(Array(data.columns[0]), texts.prefix(5) + texts))
  }

  @Test func columnsAreThoseNamedInTheirOrder() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "rows.jsonl",
      """
      {"label": 1, "b": "b1", "a": "a1", "id": 7}
      {"a": "a2", "id": 8, "b": "b2", "other": [1]}
      """)
    let data = try TextDataset(contentsOf: [path], columns: ["a", "b"])
    #expect(data.columns.map(\.name) == ["a", "b"])
    #expect(data.columns.map { Array($0) } == [["a1", "a2"], ["b1", "b2"]])
  }

  @Test func columnsAreOtherwiseThoseOfTheFirstObject() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "rows.jsonl", #"{"z": "z1", "a": "a1"}"# + "\n" + #"{"a": "a2", "z": "z2"}"#)
    let data = try TextDataset(contentsOf: [path])
    #expect(data.columns.map(\.name) == ["z", "a"])
    #expect(data.columns.map { Array($0) } == [["z1", "z2"], ["a1", "a2"]])
  }

  @Test func columnsAreFoundByTheBytesOfTheirNames() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "rows.jsonl", "{\"caf\u{E9}\": \"composed\", \"cafe\u{301}\": \"decomposed\"}")
    let data = try TextDataset(contentsOf: [path], columns: ["cafe\u{301}"])
    #expect(Array(data.columns[0]) == ["decomposed"])
  }

  @Test func theLimitHoldsOverAllFilesAndEndsTheReading() throws {
    let folder = try TemporaryFolder()
    let one = try folder.write("one.jsonl", "{\"a\": \"1\"}\n{\"a\": \"2\"}\n")
    let two = try folder.write("two.jsonl", "{\"a\": \"3\"}\nnot JSON\n")
    let data = try TextDataset(contentsOf: [one, two, folder.path + "/none"], limit: 3)
    #expect(Array(data.columns[0]) == ["1", "2", "3"])
  }

  @Test(arguments: [1, 2, 100, 1 << 18, 300_000])
  func linesOfEveryLength(_ length: Int) throws {
    let folder = try TemporaryFolder()
    let texts = [String(repeating: "x", count: length), "y", String(repeating: "z", count: length)]
    let path = try folder.write(
      "rows.jsonl", texts.map { "{\"a\": \"\($0)\"}" }.joined(separator: "\n"))
    #expect(Array(try TextDataset(contentsOf: [path]).columns[0]) == texts)
  }

  @Test(arguments: [
    (["anchor", "positive"], []),
    (["query_id", "positive"], ["\"query_id\""]),
    (["positive", "anchor"], ["number 2, where number 1"]),
    (["question", "id", "answer"], ["\"id\"", "number 3, where number 2"]),
  ])
  func warnsWhereThePeerWarns(_ names: [String], _ parts: [String]) {
    let warnings = TextDataset(columns: names.map { TextColumn(name: $0, texts: ["x"]) }).warnings
    #expect(warnings.count == parts.count)
    for (warning, part) in zip(warnings, parts) { #expect(warning.contains(part)) }
  }
}
