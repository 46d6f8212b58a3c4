import Datasets
import JSONValues
import Testing

@Suite struct BEIRDatasetTests {
  @Test func readsWhatPythonReads() throws {
    let data = try BEIRDataset(contentsOf: fixture("beir"))
    let beir = try #require(expected["beir"])
    func strings(_ value: JSONValue?) throws -> [String] {
      try #require(value?.array).map { try #require($0.string) }
    }
    #expect(haveEqualBytes(data.corpus.map(\.id), try strings(beir["corpus_ids"])))
    #expect(haveEqualBytes(data.corpus.map(\.text), try strings(beir["corpus"])))
    #expect(haveEqualBytes(data.queries.map(\.id), try strings(beir["query_ids"])))
    #expect(haveEqualBytes(data.queries.map(\.text), try strings(beir["queries"])))
    let relevant = try #require(beir["relevant"]?.array)
    #expect(data.relevant.count == relevant.count)
    for (found, wanted) in zip(data.relevant, relevant) {
      #expect(haveEqualBytes([found.query], [try #require(wanted["query"]?.string)]))
      #expect(haveEqualBytes(found.documents, try strings(wanted["documents"])))
    }
    #expect(data.unknownDocumentCount == beir["unknown_documents"]?.integer)
    #expect(data.unknownQueryCount == beir["unknown_queries"]?.integer)
  }

  private static let corpus = #"{"_id": "d", "text": "document"}"#
  private static let queries = #"{"_id": "q", "text": "query"}"#
  private static let header = "query-id\tcorpus-id\tscore\n"

  /// Reads a directory of the given files.
  private func read(
    corpus: String = corpus, queries: String = queries, qrels: String = header + "q\td\t1\n",
    split: String = "test"
  ) throws -> BEIRDataset {
    let folder = try TemporaryFolder()
    try folder.write("corpus.jsonl", corpus)
    try folder.write("queries.jsonl", queries)
    try folder.write("qrels/dev.tsv", qrels)
    return try BEIRDataset(contentsOf: folder.path, split: split)
  }

  @Test(arguments: ["corpus.jsonl", "qrels/test.tsv"])
  func hdf5IsRefusedWithWhatIsRead(name: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("corpus.jsonl", Self.corpus)
    try folder.write("queries.jsonl", Self.queries)
    try folder.write("qrels/test.tsv", Self.header + "q\td\t1\n")
    try folder.write(name, [0x89] + Array("HDF\r\n\u{1A}\n".utf8))
    let expected = name == "corpus.jsonl" ? "expected JSONL, a JSON array" : "between tabs here"
    expectError(.unsupportedFormat, saying: [name, "HDF5 is read for rows of texts", expected]) {
      _ = try BEIRDataset(contentsOf: folder.path)
    }
  }

  @Test func readsTheSplitThatIsNamed() throws {
    #expect(try read(split: "dev").relevant.map(\.documents) == [["d"]])
    expectError(.unreadable, saying: ["qrels/test.tsv"]) { _ = try read() }
  }

  @Test(arguments: [
    (#"{"_id": 1, "text": "x"}"#, DatasetError.Code.notText, "\"_id\" is an integer"),
    (#"{"id": "1", "text": "x"}"#, .missingColumn, "no \"_id\""),
    (#"{"_id": "1", "title": "x"}"#, .missingColumn, "no \"text\""),
    (#"{"_id": "1", "title": 3, "text": "x"}"#, .notText, "\"title\" is an integer"),
    (corpus, .duplicateID, "line 1 already"), ("{", .malformedLine, "not JSON"),
  ])
  func badDocumentsAreNamed(_ second: String, _ code: DatasetError.Code, _ part: String) {
    expectError(code, line: 2, saying: ["corpus.jsonl:2: ", part]) {
      _ = try read(corpus: Self.corpus + "\n" + second, split: "dev")
    }
  }

  @Test func badQueriesAreNamed() {
    expectError(.duplicateID, line: 2, saying: ["queries.jsonl:2: ", "\"q\""]) {
      _ = try read(queries: Self.queries + "\n" + Self.queries, split: "dev")
    }
    expectError(.empty, saying: ["queries.jsonl: "]) { _ = try read(queries: "", split: "dev") }
  }

  /// Judgements that are refused.
  struct BadJudgements: Sendable, CustomTestStringConvertible {
    let rows: String
    let code: DatasetError.Code
    let line: Int?
    let part: String

    init(_ rows: String, _ code: DatasetError.Code, line: Int?, _ part: String) {
      (self.rows, self.code, self.line, self.part) = (rows, code, line, part)
    }

    var testDescription: String { part }

    static let all = [
      BadJudgements("q\td\t1", .malformedLine, line: 1, "header line is missing"),
      BadJudgements("h\th\th\nq d 1", .malformedLine, line: 2, "1 fields"),
      BadJudgements("h\th\th\nq\t0\td\t1", .malformedLine, line: 2, "4 fields"),
      BadJudgements("h\th\th\nq\td\tyes", .malformedLine, line: 2, "\"yes\" is no number"),
      BadJudgements(
        "h\th\th\nq\td\t1\nq\td\t0", .conflictingRelevance, line: 3, "another score on line 2"),
      BadJudgements("h\th\th", .empty, line: nil, "no judgements"),
      BadJudgements("h\th\th\nq\td\t0\nz\td\t1", .empty, line: nil, "such as \"q\""),
    ]
  }

  @Test(arguments: BadJudgements.all)
  func badJudgementsAreNamed(_ bad: BadJudgements) {
    expectError(bad.code, line: bad.line, saying: ["qrels/dev.tsv", bad.part]) {
      _ = try read(qrels: bad.rows, split: "dev")
    }
  }
}
