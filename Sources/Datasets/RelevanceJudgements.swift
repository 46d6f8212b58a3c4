import JSONValues

/// Which documents are relevant to which query: a `qrels` file of BEIR.
struct RelevanceJudgements {
  /// All queries that are judged on.
  private(set) var queries: Set<ByteString> = []
  /// For each query the documents with a score above 0, in the order of the file, each once.
  private(set) var relevantDocuments: [ByteString: [ByteString]] = [:]
  private var known: [Judgement: (line: Int, score: Double)] = [:]

  private struct Judgement: Hashable {
    let query: ByteString
    let document: ByteString
  }

  /// Reads a file: a header line, then lines of a query's id, a document's id and a score; or
  /// JSONL, objects with the members `query-id`, `corpus-id` and `score`.
  init(path: String) throws {
    let isTable = !path.hasSuffix(".jsonl") && !path.hasSuffix(".jsonl.gz")
    if isTable { try readTable(path) } else { try readObjects(path) }
    guard !known.isEmpty else {
      throw DatasetError(
        .empty, "the file has no judgements; expected query-id, corpus-id and score", path: path)
    }
  }

  private mutating func readObjects(_ path: String) throws {
    try RowFile.forEachRow(of: path) { row, line in
      func id(_ name: String) throws -> String {
        guard let value = row.value(ofByteExact: name) else {
          throw DatasetError.missing(name, in: row, path: path, line: line)
        }
        guard let id = value.string else {
          throw DatasetError(
            .notText, "\"\(name)\" is \(value.kind); expected a string", path: path, line: line,
            column: name)
        }
        return id
      }
      guard let score = row.value(ofByteExact: "score")?.double else {
        throw DatasetError(
          .malformedLine, "\"score\" is not there or no number", path: path, line: line,
          column: "score")
      }
      try insert(
        Judgement(query: ByteString(id("query-id")), document: ByteString(id("corpus-id"))),
        score: score, path: path, line: line)
      return true
    }
  }

  private mutating func readTable(_ path: String) throws {
    let reader = try LineReader(path: path, format: .table)
    var isHeader = true
    try reader.forEach { bytes, line in
      let fields = try Self.fields(of: bytes, path: path, line: line)
      let score = Double(fields[2]).flatMap { $0.isFinite ? $0 : nil }
      if isHeader {
        guard score == nil else {
          throw DatasetError(
            .malformedLine,
            "the header line is missing; expected query-id, corpus-id and score between tabs "
              + "above the first judgement", path: path, line: line)
        }
        isHeader = false
        return true
      }
      guard let score else {
        throw DatasetError(
          .malformedLine, "the score \"\(fields[2])\" is no number", path: path, line: line,
          column: "score")
      }
      try insert(
        Judgement(query: ByteString(fields[0]), document: ByteString(fields[1])), score: score,
        path: path, line: line)
      return true
    }
  }

  private mutating func insert(
    _ judgement: Judgement, score: Double, path: String, line: Int
  ) throws {
    if let other = known[judgement] {
      guard other.score == score else {
        throw DatasetError(
          .conflictingRelevance,
          "query \"\(judgement.query.string)\" and document \"\(judgement.document.string)\" "
            + "have another score on line \(other.line)", path: path, line: line)
      }
      return
    }
    known[judgement] = (line, score)
    queries.insert(judgement.query)
    if score > 0 { relevantDocuments[judgement.query, default: []].append(judgement.document) }
  }

  private static func fields(
    of bytes: UnsafeBufferPointer<UInt8>, path: String, line: Int
  ) throws -> [String] {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DatasetError(
        .notUTF8, "the line is not UTF-8; convert the file", path: path, line: line)
    }
    let fields = text.utf8.split(separator: 0x09, omittingEmptySubsequences: false)
    guard fields.count == 3 else {
      throw DatasetError(
        .malformedLine,
        "\(fields.count) fields between tabs; expected query-id, corpus-id and score", path: path,
        line: line)
    }
    return fields.map { String(Substring($0)) }
  }
}
