import Datasets
import Foundation
import JSONValues
import TestSupport
import Testing

/// What h5py wrote and Python's hashlib computed; `make_hdf5.py` says how.
private func expectation(_ name: String) throws -> JSONValue {
  try #require(try Fixture.json("hdf5.json", in: .module)[name])
}

private func texts(_ value: JSONValue) throws -> [String] {
  try #require(value.array).map { try #require($0.string) }
}

private func texts(_ name: String) throws -> [String] { try texts(try expectation(name)) }

private func hdf5(_ name: String) -> String { fixture("hdf5/\(name).h5") }

@Suite struct HDF5DatasetTests {
  private func expectColumns(
    _ data: TextDataset, _ columns: [(name: String, texts: [String])],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(data.columns.map(\.name) == columns.map(\.name), sourceLocation: sourceLocation)
    for (found, expected) in zip(data.columns, columns) {
      #expect(haveEqualBytes(Array(found), expected.texts), sourceLocation: sourceLocation)
    }
  }

  @Test func readsColumnsInOrderOfCreation() throws {
    let data = try TextDataset(contentsOf: [hdf5("tracked")])
    let negatives = try #require(try expectation("negatives").array).map { try texts($0) }
    expectColumns(
      data,
      [
        ("query", try texts("anchors")), ("answer", try texts("positives")),
        ("negative", negatives[0]), ("negative", negatives[1]),
      ])
    #expect(data.columns.map(\.element) == [nil, nil, 0, 1])
  }

  @Test func readsTextsOfFixedLengthInTheOnlyGroup() throws {
    expectColumns(
      try TextDataset(contentsOf: [hdf5("group")]),
      [("positive", try texts("positives")), ("anchor", try texts("anchors"))])
  }

  @Test func columnsThatAreNamedGoFirst() throws {
    let anchors = try texts("anchors")
    expectColumns(
      try TextDataset(contentsOf: [hdf5("group")], columns: ["anchor", "zeal"], limit: 3),
      [("anchor", Array(anchors.prefix(3))), ("zeal", Array(anchors.prefix(3)))])
  }

  @Test func readsColumnsInOrderOfNames() throws {
    expectColumns(
      try TextDataset(contentsOf: [hdf5("names")]),
      [("anchor", try texts("anchors")), ("positive", try texts("positives"))])
  }

  @Test func cutsPaddingOff() throws {
    expectColumns(
      try TextDataset(contentsOf: [hdf5("padded")]),
      [("anchor", ["one", " two", ""]), ("positive", ["one", "two", ""])])
  }

  @Test func filesOfBothFormatsFollowOneAnother() throws {
    let folder = try TemporaryFolder()
    let lines = try folder.write("rows.jsonl", #"{"anchor": "a", "positive": "b"}"#)
    // Known by its first bytes.
    let renamed = try folder.write("data", try Data(contentsOf: URL(filePath: hdf5("names"))))
    let data = try TextDataset(contentsOf: [lines, renamed, lines], limit: 7)
    expectColumns(
      data,
      [
        ("anchor", ["a"] + (try texts("anchors")) + ["a"]),
        ("positive", ["b"] + (try texts("positives")) + ["b"]),
      ])
  }

  @Test(arguments: [
    ("alphabet", nil, DatasetError.Code.invalidRequest, ["\"positive\"", "\"columns\""]),
    ("integers", nil, .notText, ["/positive holds integers", "expected texts"]),
    ("label-texts", nil, .notNumber, ["/label holds texts", "stands for labels"]),
    ("label-lengths", nil, .corrupt, ["\"score\" has 4 rows, \"anchor\" has 5"]),
    ("label-nan", nil, .notNumber, ["/label holds nan in row 1", "finite"]),
    ("lengths", nil, .corrupt, ["\"positive\" has 4 rows, \"anchor\" has 5"]),
    ("latin1", nil, .notUTF8, ["/anchor", "row 1 is not UTF-8"]),
    ("empty", nil, .empty, ["no rows"]),
    ("unwritten", nil, .corrupt, ["nothing is stored"]),
    ("groups", nil, .missingColumn, ["2 groups"]),
    ("listed", nil, .missingColumn, ["\"positive\"", "/positive"]),
    ("lists", nil, .notText, ["\"anchor\"", "third column"]),
    ("names", ["anchor", "query"], .missingColumn, ["no dataset /query", "\"anchor\""]),
  ])
  func refusesOtherFiles(
    _ name: String, _ columns: [String]?, _ code: DatasetError.Code, _ parts: [String]
  ) {
    expectError(code, saying: [hdf5(name)] + parts) {
      _ = try TextDataset(contentsOf: [hdf5(name)], columns: columns)
    }
  }

  @Test func refusesFilesThatDoNotFitTheFirst() throws {
    let folder = try TemporaryFolder()
    let short = try folder.write("short.jsonl", #"{"anchor": "a"}"#)
    expectError(.unexpectedColumn, column: "positive", saying: ["names.h5", "files before lack"]) {
      _ = try TextDataset(contentsOf: [short, hdf5("names")])
    }
    let long = try folder.write("long.jsonl", #"{"anchor": "a", "positive": "b", "zeal": "c"}"#)
    expectError(.missingColumn, column: "zeal", saying: ["names.h5", "no dataset /zeal"]) {
      _ = try TextDataset(contentsOf: [long, hdf5("names")])
    }
    let lists = try folder.write(
      "lists.jsonl", #"{"query": "a", "answer": "b", "negative": ["c", "d", "e"]}"#)
    expectError(.listLength, column: "negative", saying: ["tracked.h5", "2 values", "expected 3"]) {
      _ = try TextDataset(contentsOf: [lists, hdf5("tracked")])
    }
  }

  @Test func truncatedFilesAreRefused() throws {
    let folder = try TemporaryFolder()
    let bytes = try Data(contentsOf: URL(filePath: hdf5("tracked")))
    for length in [0, 4, 8, 40, 96, 500, bytes.count / 2, bytes.count - 1] {
      let path = try folder.write("rows.h5", bytes.prefix(length))
      expectError(.corrupt, saying: [path, "cannot be opened"]) {
        _ = try TextDataset(contentsOf: [path])
      }
    }
  }

  @Test func whatIsNotHDF5IsNamed() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("rows.h5", "{}")
    expectError(.corrupt, saying: [path, "signature"]) { _ = try TextDataset(contentsOf: [path]) }
    expectError(.unreadable, saying: ["none.hdf5", "No such file"]) {
      _ = try TextDataset(contentsOf: ["none.hdf5"])
    }
  }

  @Test func digestsAreThoseOfHashlib() throws {
    let column = TextColumn(name: "a", texts: try texts("positives"))
    #expect(column.textDigests(prefix: "p: ").map(\.description) == (try texts("digests")))
    let sum = try expectation("sha256").string
    #expect(column.sha256() == sum)
    let key = StoreKey(
      .tokens,
      ["tokenizer_sha256": "ab\u{e9}\"", "prompt": "query: ", "max_seq_length": 128])
    let digest = try expectation("key").string
    #expect(key.digest == digest)
  }
}
