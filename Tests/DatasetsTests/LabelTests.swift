import Datasets
import Testing

/// Labels beside texts, in every format of rows.
@Suite struct LabelTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(_ name: String, _ text: String, columns: [String]? = nil) throws -> TextDataset
  {
    try TextDataset(contentsOf: [folder.write(name, text)], columns: columns)
  }

  private func expect(
    _ data: TextDataset, _ name: String, _ listLength: Int?, _ values: [Float],
    columns: [String] = ["q", "d"], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(data.columns.map(\.name) == columns, sourceLocation: sourceLocation)
    #expect(data.labels?.name == name, sourceLocation: sourceLocation)
    #expect(data.labels?.listLength == listLength, sourceLocation: sourceLocation)
    #expect(data.labels?.values == values, sourceLocation: sourceLocation)
  }

  @Test(arguments: LabelColumn.names) func everyNameIsKnownWhereverItStands(_ name: String) throws {
    let rows = """
      {"\(name)": 0.5, "q": "1", "d": "2"}
      {"q": "3", "d": "4", "\(name)": -2}
      """
    try expect(read("rows.jsonl", rows), name, nil, [0.5, -2])
    try expect(read("rows.jsonl", rows, columns: ["q", name, "d"]), name, nil, [0.5, -2])
    // Not asked for, not there.
    let data = try read("rows.jsonl", rows, columns: ["q", "d"])
    #expect(data.labels == nil && data.rowCount == 2)
  }

  @Test func listsStandInEveryFormat() throws {
    try expect(
      read("rows.jsonl", #"{"q": "1", "d": "2", "scores": [0.1, 2]}"#), "scores", 2, [0.1, 2])
    try expect(
      read(
        "rows.json", #"[{"q": "1", "d": "2", "label": [3]}, {"q": "1", "d": "2", "label": [4]}]"#),
      "label", 1, [3, 4])
    try expect(
      read("rows.csv", "q,scores,d\n1,\"[0.25, 1e-3]\",2\n"), "scores", 2, [0.25, 0.001])
    try expect(read("rows.tsv", "label\tq\td\n 1.5 \t1\t2\n-3\t1\t2\n"), "label", nil, [1.5, -3])
  }

  @Test func hdf5HasNumbersOfAnyKind() throws {
    let lists = try TextDataset(contentsOf: [fixture("hdf5/label-lists.h5")], limit: 3)
    expect(lists, "scores", 2, [0, 0.125, 0.25, 0.375, 0.5, 0.625], columns: ["query", "answer"])
    let integers = try TextDataset(contentsOf: [fixture("hdf5/labels.h5")])
    expect(integers, "label", nil, [0, 1, 2, 3, 4], columns: ["anchor"])
  }

  @Test func filesFollowOneAnother() throws {
    let lines = try folder.write(
      "first.jsonl", #"{"query": "1", "answer": "2", "scores": [7, 8]}"#)
    let table = fixture("hdf5/label-lists.h5")
    let numbers: [Float] = (0..<10).map { Float($0) / 8 }
    for (paths, values) in [
      ([lines, table], [7, 8] + numbers), ([table, lines], numbers + [7, 8]),
    ] {
      try expect(
        TextDataset(contentsOf: paths), "scores", 2, values, columns: ["query", "answer"])
    }
    let single = try folder.write("single.jsonl", #"{"query": "1", "answer": "2", "scores": 7}"#)
    expectError(.listLength, column: "scores", saying: ["holds 2 values", "expected 1"]) {
      _ = try TextDataset(contentsOf: [single, table])
    }
    let none = try folder.write("none.jsonl", #"{"query": "1", "answer": "2"}"#)
    expectError(.unexpectedColumn, column: "scores", saying: ["files before lack"]) {
      _ = try TextDataset(contentsOf: [none, table])
    }
  }
}
