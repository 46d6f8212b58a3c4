import Datasets
import Testing

/// Rows that come from BEIR directories, and rows of ids.
@Suite struct TextsByIDTests {
  private func beir(_ folder: TemporaryFolder, judgements: String, _ name: String) throws {
    try folder.write(
      "corpus.jsonl",
      """
      {"_id": "d1", "title": "Title", "text": "one"}
      {"_id": "d2", "text": "two"}
      {"_id": "d3", "title": "", "text": "three"}
      """)
    try folder.write(
      "queries.jsonl",
      """
      {"_id": "q2", "text": "second"}
      {"_id": "q1", "text": "first"}
      {"_id": "q3", "text": "third"}
      """)
    try folder.write("qrels/" + name, judgements)
  }

  private static let table = """
    query-id\tcorpus-id\tscore
    q1\td3\t1
    q1\td1\t2
    q2\td1\t0
    q2\td2\t1
    """

  @Test(arguments: [
    ("train.tsv", table),
    (
      "train.jsonl",
      """
      {"query-id": "q1", "corpus-id": "d3", "score": 1}
      {"query-id": "q1", "corpus-id": "d1", "score": 2.0}
      {"query-id": "q2", "corpus-id": "d1", "score": 0}
      {"query-id": "q2", "corpus-id": "d2", "score": 1}
      """
    ),
  ])
  func judgedPairsAreRows(_ name: String, _ judgements: String) throws {
    let folder = try TemporaryFolder()
    try beir(folder, judgements: judgements, name)
    let data = try TextDataset(contentsOf: [folder.path])
    #expect(data.columns.map(\.name) == ["anchor", "positive"])
    #expect(
      data.columns.map { Array($0) }
        == [["second", "first", "first"], ["two", "three", "Title one"]])
    #expect(data.warnings.isEmpty)
    let files = TextDataset.files(at: folder.path)
    #expect(
      files == ["queries.jsonl", "corpus.jsonl", "qrels/\(name)"].map { folder.path + "/" + $0 })
  }

  @Test func theSplitIsTheOneThatIsNamed() throws {
    let folder = try TemporaryFolder()
    try beir(folder, judgements: Self.table, "dev.tsv")
    #expect(try TextDataset(contentsOf: [folder.path], limit: 2, split: "dev").rowCount == 2)
    expectError(.unreadable, saying: ["qrels/train.tsv", "\"split\""]) {
      _ = try TextDataset(contentsOf: [folder.path])
    }
    let file = try folder.write("rows.jsonl", #"{"a": "x"}"#)
    expectError(.invalidRequest, saying: ["\"split\" is for BEIR directories"]) {
      _ = try TextDataset(contentsOf: [file], split: "dev")
    }
  }

  @Test func unknownPairsAreLeftOutAndTold() throws {
    let folder = try TemporaryFolder()
    try beir(folder, judgements: Self.table + "\nq3\tgone\t1\nq9\td1\t1\nq9\td2\t1\n", "train.tsv")
    let data = try TextDataset(contentsOf: [folder.path])
    #expect(data.rowCount == 3)
    #expect(data.warnings.count == 1 && data.warnings[0].contains("3 judged pairs are left out"))
    try folder.write("qrels/train.tsv", "query-id\tcorpus-id\tscore\nq1\tgone\t1\n")
    expectError(.empty, saying: ["train.tsv", "no query has a relevant document"]) {
      _ = try TextDataset(contentsOf: [folder.path])
    }
  }

  @Test func idsBecomeTexts() throws {
    let folder = try TemporaryFolder()
    let queries = try folder.write("queries.tsv", "_id\ttext\n7\tseven\n8\teight, \"quoted\"\n")
    let corpus = try folder.write(
      "corpus.json",
      #"[{"id": 1, "title": "T", "text": "one"}, {"id": "2", "text": "two"}, {"id": 3, "text": "three"}]"#
    )
    let ids = IDTexts(queries: queries, corpus: corpus)
    let table = try folder.write("ids.tsv", "query_id\tpos\tneg_1\tneg_2\n8\t1\t2\t3\n7\t3\t1\t1\n")
    let lines = try folder.write(
      "ids.jsonl",
      #"{"query_id": 8, "pos": 1, "neg": ["2", 3]}"# + "\n"
        + #"{"query_id": "7", "pos": 3, "neg": [1, 1]}"#)
    let texts = [
      ["eight, \"quoted\"", "seven"], ["T one", "three"], ["two", "T one"], ["three", "T one"],
    ]
    for (path, names) in [
      (table, ["query_id", "pos", "neg_1", "neg_2"]), (lines, ["query_id", "pos", "neg", "neg"]),
    ] {
      let data = try TextDataset(contentsOf: [path], ids: ids)
      #expect(data.columns.map(\.name) == names)
      #expect(data.columns.map { Array($0) } == texts)
      #expect(data.warnings.isEmpty)
    }
    let bad = try folder.write("bad.tsv", "query_id\tpos\n8\t1\n1\t2\n")
    expectError(
      .missingColumn, column: "query_id",
      saying: [bad, "the id \"1\" of the column \"query_id\" in row 2 is not in \(queries)"]
    ) { _ = try TextDataset(contentsOf: [bad], ids: ids) }
    let twice = try folder.write("twice.csv", "id,text\n1,x\n1,y\n2,z\n")
    expectError(.duplicateID, line: 3, saying: ["\"1\" stands"]) {
      _ = try TextDataset(contentsOf: [table], ids: IDTexts(queries: queries, corpus: twice))
    }
    expectError(.invalidRequest, saying: ["this is a directory"]) {
      _ = try TextDataset(contentsOf: [folder.path], ids: ids)
    }
  }

  @Test func aDirectoryOfOtherThingsIsRefused() throws {
    let folder = try TemporaryFolder()
    expectError(.unreadable, saying: ["directory", "corpus.jsonl"]) {
      _ = try TextDataset(contentsOf: [folder.path])
    }
  }
}
