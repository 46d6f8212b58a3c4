/// A retrieval test in BEIR's layout: documents, queries, and which documents answer which query.
///
/// ```
/// corpus.jsonl    {"_id": "d1", "title": "A title", "text": "A text"}
/// queries.jsonl   {"_id": "q1", "text": "A question"}
/// qrels/test.tsv  query-id ⇥ corpus-id ⇥ score, under a header line
/// ```
///
/// Or in MTEB's: `qrels/test.jsonl`, of objects with the same three members.
public struct BEIRDataset: Sendable {
  /// The documents, in the file's order; no id occurs twice.
  ///
  /// A document is its title, a space and its text, or the text alone where the title is missing
  /// or empty.
  public let corpus: BEIRTexts
  /// The queries, in the file's order; no id occurs twice.
  public let queries: BEIRTexts
  /// For each query that has any, the ids of the documents with a score above 0.
  ///
  /// Queries are in their file's order, the documents of one in the order of the judgements, each
  /// once. Ids of documents that are not in the corpus are among them: sentence-transformers counts
  /// them as documents that were not found.
  public let relevant: [(query: String, documents: [String])]
  /// How many of the relevant documents are not in the corpus, each counted once per query.
  public let unknownDocumentCount: Int
  /// How many queries of the judgements are not in the file of queries; they are left out.
  public let unknownQueryCount: Int

  /// Reads a directory.
  ///
  /// - Parameters:
  ///   - directory: Holds `corpus.jsonl`, `queries.jsonl` and `qrels/<split>.tsv` or
  ///     `qrels/<split>.jsonl`. Each may have `.gz` behind its name; if both are there, the plain
  ///     one is read.
  ///   - split: Which judgements to read: `test`, `dev`, `train`.
  /// - Throws: ``DatasetError`` at the first fault, with file and line: among others ids that are
  ///   not strings, ids that occur twice, judgements without header line, no query with a relevant
  ///   document.
  public init(contentsOf directory: String, split: String = "test") throws {
    let (corpus, documentLines) = try Self.texts(in: directory, file: "corpus", hasTitles: true)
    let (queries, queryLines) = try Self.texts(in: directory, file: "queries", hasTitles: false)
    let path = BEIRFiles(directory: directory, split: split).judgements
    let judgements = try RelevanceJudgements(path: path)
    var relevant: [(query: String, documents: [String])] = []
    var unknown = 0
    for id in queries.ids {
      guard let documents = judgements.relevantDocuments[ByteString(id)] else { continue }
      relevant.append((id, documents.map(\.string)))
      unknown += documents.count { documentLines[$0] == nil }
    }
    guard !relevant.isEmpty else {
      throw DatasetError(
        .empty,
        "no query has a relevant document here; expected ids of queries such as "
          + "\"\(queries.ids[0])\" with a score above 0", path: path)
    }
    (self.corpus, self.queries, self.relevant) = (corpus, queries, relevant)
    unknownDocumentCount = unknown
    unknownQueryCount = judgements.queries.count { queryLines[$0] == nil }
  }

  private static func texts(
    in directory: String, file: String, hasTitles: Bool
  ) throws -> (texts: BEIRTexts, lines: [ByteString: Int]) {
    let path = BEIRFiles.texts(file, in: directory)
    var ids = TextColumn(name: "_id")
    var texts = TextColumn(name: "text")
    var lines: [ByteString: Int] = [:]
    try IdentifiedTexts(path: path, hasTitles: hasTitles).forEach { id, text, line in
      if let other = lines.updateValue(line, forKey: ByteString(id)) {
        throw DatasetError(
          .duplicateID, "the id \"\(id)\" stands on line \(other) already", path: path,
          line: line, column: "_id")
      }
      ids.append(id)
      texts.append(text)
    }
    guard !ids.isEmpty else {
      throw DatasetError(.empty, "the file has no rows; expected JSONL", path: path)
    }
    return (BEIRTexts(ids: ids, texts: texts), lines)
  }
}

/// Documents or queries: texts with their ids.
public struct BEIRTexts: RandomAccessCollection, Sendable {
  /// The ids, strings whatever they look like.
  public let ids: TextColumn
  /// The texts, one for each id.
  public let texts: TextColumn

  /// The first one's number, 0.
  public var startIndex: Int { 0 }
  /// How many there are.
  public var endIndex: Int { ids.endIndex }

  /// A document or query; new strings at each call.
  public subscript(index: Int) -> (id: String, text: String) { (ids[index], texts[index]) }
}
