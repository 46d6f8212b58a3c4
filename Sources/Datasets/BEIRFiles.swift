import Glibc
import JSONValues

/// The files of a BEIR directory.
struct BEIRFiles {
  let directory: String
  let corpus: String
  let queries: String
  let judgements: String

  init(directory: String, split: String) {
    self.directory = directory
    corpus = Self.texts("corpus", in: directory)
    queries = Self.texts("queries", in: directory)
    let stem = "\(directory)/qrels/\(split)"
    let names = [".tsv", ".tsv.gz", ".jsonl", ".jsonl.gz"].map { stem + $0 }
    judgements = names.first(where: InputFile.exists) ?? names[0]
  }

  /// `corpus.jsonl` or `queries.jsonl`, compressed if there is no other.
  static func texts(_ name: String, in directory: String) -> String {
    let path = "\(directory)/\(name).jsonl"
    return !InputFile.exists(path) && InputFile.exists(path + ".gz") ? path + ".gz" : path
  }

  /// Whether a path is that of a directory.
  static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}

/// The pairs of a query and a relevant document in a BEIR directory, as rows to train on.
struct BEIRPairs {
  let files: BEIRFiles
  /// How many pairs were left out since the query or the document is not there.
  private(set) var unknownCount = 0

  init(_ files: BEIRFiles) { self.files = files }

  /// Passes on one pair after another, by queries in their file's order and judgements in theirs.
  ///
  /// Only texts that are judged relevant, or have something that is, are kept in memory.
  ///
  /// - Parameter body: Returns whether to go on. The line is always 1: a row has none of its own.
  /// - Throws: What `body` throws, and ``DatasetError`` at the first fault of a file.
  mutating func forEachRow(_ body: (JSONObject, _ line: Int) throws -> Bool) throws {
    guard InputFile.exists(files.corpus), InputFile.exists(files.queries) else {
      throw DatasetError(
        .unreadable,
        "a directory of rows is read as BEIR has them, and this one lacks corpus.jsonl or "
          + "queries.jsonl; name files instead", path: files.directory)
    }
    guard InputFile.exists(files.judgements) else {
      throw DatasetError(
        .unreadable,
        "there is no such file; \"split\" names the judgements to read, as in \"test\"",
        path: files.judgements)
    }
    let relevant = try RelevanceJudgements(path: files.judgements).relevantDocuments
    var documents: [ByteString: String] = [:]
    let wanted = Set(relevant.values.joined())
    try IdentifiedTexts(path: files.corpus, hasTitles: true).forEach { id, text, _ in
      if wanted.contains(ByteString(id)) { documents[ByteString(id)] = text }
    }
    var queries: [(ids: [ByteString], text: String)] = []
    var left = relevant
    try IdentifiedTexts(path: files.queries, hasTitles: false).forEach { id, text, _ in
      if let ids = left.removeValue(forKey: ByteString(id)) { queries.append((ids, text)) }
    }
    unknownCount = left.values.reduce(0) { $0 + $1.count }
    for query in queries {
      unknownCount += query.ids.count { documents[$0] == nil }
      for document in query.ids.compactMap({ documents[$0] }) {
        let row: JSONObject = ["anchor": .string(query.text), "positive": .string(document)]
        guard try body(row, 1) else { return }
      }
    }
  }
}
