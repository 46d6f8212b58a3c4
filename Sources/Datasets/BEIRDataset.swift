import JSONValues

/// A retrieval test in BEIR's layout: documents, queries, and which documents answer which query.
///
/// ```
/// corpus.jsonl    {"_id": "d1", "title": "A title", "text": "A text"}
/// queries.jsonl   {"_id": "q1", "text": "A question"}
/// qrels/test.tsv  query-id ⇥ corpus-id ⇥ score, under a header line
/// ```
public struct BEIRDataset: Sendable {
  /// The documents' ids, in the file's order, all different.
  public let corpusIDs: TextColumn
  /// The documents: the title, a space and the text, or the text alone where the title is missing
  /// or empty.
  public let corpus: TextColumn
  /// The queries' ids, in the file's order, all different.
  public let queryIDs: TextColumn
  /// The queries.
  public let queries: TextColumn
  /// For each query the ids of the documents with a score above 0, in the order of the file, all
  /// different; empty for a query without any.
  ///
  /// Ids of documents that are not in the corpus are among them: sentence-transformers counts them
  /// as documents that were not found.
  public let relevantDocuments: [[String]]
  /// How many of the relevant documents are not in the corpus, each counted once per query.
  public let unknownDocumentCount: Int
  /// How many queries of the judgements are not in the file of queries; they are left out.
  public let unknownQueryCount: Int

  /// Reads a directory.
  ///
  /// - Parameters:
  ///   - directory: Holds `corpus.jsonl`, `queries.jsonl` and `qrels/<split>.tsv`. The first two
  ///     may be `.jsonl.gz` instead; if both are there, the plain one is read.
  ///   - split: Which judgements to read: `test`, `dev`, `train`.
  /// - Throws: ``DatasetError`` at the first fault, with file and line: among others ids that are
  ///   not strings, ids that occur twice, judgements without header line, no query with a relevant
  ///   document.
  public init(contentsOf directory: String, split: String = "test") throws {
    let documents = try Self.texts(in: directory, file: "corpus", hasTitles: true)
    let questions = try Self.texts(in: directory, file: "queries", hasTitles: false)
    (corpusIDs, corpus) = (documents.ids, documents.texts)
    (queryIDs, queries) = (questions.ids, questions.texts)

    let path = "\(directory)/qrels/\(split).tsv"
    let judgements = try RelevanceJudgements(path: path)
    let relevant = queryIDs.map { judgements.relevantDocuments[ByteString($0)] ?? [] }
    guard relevant.contains(where: { !$0.isEmpty }) else {
      throw DatasetError(
        .empty,
        "no query has a relevant document here; expected ids of queries such as "
          + "\"\(queryIDs[0])\" with a score above 0", path: path)
    }
    relevantDocuments = relevant.map { $0.map(\.string) }
    unknownDocumentCount = relevant.reduce(0) { sum, ids in
      sum + ids.count { documents.lines[$0] == nil }
    }
    unknownQueryCount = judgements.queries.count { questions.lines[$0] == nil }
  }

  private static func texts(
    in directory: String, file: String, hasTitles: Bool
  ) throws -> (ids: TextColumn, texts: TextColumn, lines: [ByteString: Int]) {
    var path = "\(directory)/\(file).jsonl"
    if !InputFile.exists(path) && InputFile.exists(path + ".gz") { path += ".gz" }
    let reader = try LineReader(path: path, format: .jsonLines)
    var ids = TextColumn(name: "_id")
    var texts = TextColumn(name: "text")
    var lines: [ByteString: Int] = [:]
    try reader.forEach { bytes, line in
      let entry = BEIREntry(
        object: try JSONLine.object(of: bytes, path: path, line: line), path: path, line: line)
      let id = try entry.required("_id")
      if let other = lines.updateValue(line, forKey: ByteString(id)) {
        throw DatasetError(
          .duplicateID, "the id \"\(id)\" stands on line \(other) already", path: path,
          line: line, column: "_id")
      }
      ids.append(id)
      let title = hasTitles ? try entry.optional("title") : ""
      let text = try entry.required("text")
      texts.append(title.isEmpty ? text : title + " " + text)
      return true
    }
    guard !ids.isEmpty else {
      throw DatasetError(.empty, "the file has no rows; expected JSONL", path: path)
    }
    return (ids, texts, lines)
  }
}

/// One document or query, as it stands in its file.
private struct BEIREntry {
  let object: JSONObject
  let path: String
  let line: Int

  func required(_ name: String) throws -> String {
    guard let value = object.value(ofByteExact: name) else {
      throw DatasetError(
        .missingColumn, "there is no \"\(name)\"; expected \"_id\" and \"text\"", path: path,
        line: line, column: name)
    }
    guard let text = value.string else {
      throw DatasetError(
        .notText, "\"\(name)\" is \(value.kind); expected a string", path: path, line: line,
        column: name)
    }
    return text
  }

  /// The text of a member, empty if it is missing or null.
  func optional(_ name: String) throws -> String {
    object.value(ofByteExact: name)?.isNull ?? true ? "" : try required(name)
  }
}
