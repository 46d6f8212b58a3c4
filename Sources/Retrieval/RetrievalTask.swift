/// Queries, documents and which of them belong together, with ids resolved to indices.
///
/// Ids are the same if their bytes are, and are ordered by their bytes: that is by code point, as
/// Python orders strings ("10" before "2"), and unlike `String`, which takes two spellings of one
/// accented letter for the same.
public struct RetrievalTask: Sendable {
  /// The queries that are evaluated, as indices into the query ids: those with a relevant document.
  public let queries: [Int]
  /// For each of `queries` what is relevant to it.
  public let judgments: [RelevanceJudgment]
  /// How many documents there are.
  public var documentCount: Int { documentRanks.count }
  /// The position of each document in the ascending order of ids, by which ties are broken.
  public let documentRanks: [Int32]

  /// Creates a task.
  ///
  /// - Parameters:
  ///   - queryIDs: One id for each query.
  ///   - documentIDs: One id for each document.
  ///   - relevant: Ids of relevant documents by the id of the query; a query may appear more than
  ///     once. A document named twice counts once; one that is not in the corpus counts as relevant
  ///     and can never be found. Queries that are not among `queryIDs` are left out, and so are
  ///     queries without a relevant document.
  /// - Throws: ``RetrievalError`` if two queries or two documents share an id, or no query is left.
  public init(
    queryIDs: [String], documentIDs: [String],
    relevant: [(query: String, documents: [String])]
  ) throws(RetrievalError) {
    let queryIndices = try Self.indices(of: queryIDs, "queries")
    let documentIndices = try Self.indices(of: documentIDs, "documents")
    var sets = [Set<IDBytes>](repeating: [], count: queryIDs.count)
    for (query, documents) in relevant {
      guard let index = queryIndices[IDBytes(query)] else { continue }
      sets[index].formUnion(documents.lazy.map(IDBytes.init))
    }
    queries = sets.indices.filter { !sets[$0].isEmpty }
    guard !queries.isEmpty else {
      throw RetrievalError(
        .noRelevantDocuments,
        "none of the \(queryIDs.count) queries has a relevant document; are the query ids of the"
          + " judgments those of the queries?")
    }
    judgments = queries.map { query in
      RelevanceJudgment(
        documents: Set(sets[query].compactMap { documentIndices[$0] }), count: sets[query].count)
    }
    documentRanks = Self.ranks(of: documentIDs)
  }

  /// The position of each id in the ascending order of all of them.
  public static func ranks(of ids: [String]) -> [Int32] {
    let order = ids.indices.sorted { ids[$0].utf8.lexicographicallyPrecedes(ids[$1].utf8) }
    var ranks = [Int32](repeating: 0, count: ids.count)
    for (rank, index) in order.enumerated() { ranks[index] = Int32(rank) }
    return ranks
  }

  private static func indices(
    of ids: [String], _ what: String
  ) throws(RetrievalError) -> [IDBytes: Int] {
    var indices = [IDBytes: Int](minimumCapacity: ids.count)
    for (index, id) in ids.enumerated() {
      if let first = indices.updateValue(index, forKey: IDBytes(id)) {
        throw RetrievalError(
          .duplicateID,
          "\(what) \(first + 1) and \(index + 1) have the same id, \(id.debugDescription)")
      }
    }
    return indices
  }
}

/// What is relevant to one query.
public struct RelevanceJudgment: Sendable, Hashable {
  /// The indices of the relevant documents that the corpus has.
  public let documents: Set<Int>
  /// How many documents are relevant, those included that the corpus does not have.
  public let count: Int

  /// Creates a judgment.
  ///
  /// - Precondition: `count` is positive and no smaller than the number of documents.
  public init(documents: Set<Int>, count: Int) {
    precondition(
      count > 0 && count >= documents.count,
      "a judgment of \(documents.count) documents cannot count \(count)")
    self.documents = documents
    self.count = count
  }
}

/// An id that is compared by its bytes.
private struct IDBytes: Hashable {
  let id: String

  init(_ id: String) { self.id = id }

  static func == (one: Self, other: Self) -> Bool { one.id.utf8.elementsEqual(other.id.utf8) }

  func hash(into hasher: inout Hasher) {
    var id = id
    id.withUTF8 { hasher.combine(bytes: .init($0)) }
  }
}
