/// A document found for a query.
public struct RetrievalHit: Hashable, Sendable {
  /// The index of the document.
  public let document: Int
  /// Its score, the greater the better.
  public let score: Float

  /// Creates a hit.
  public init(document: Int, score: Float) {
    self.document = document
    self.score = score
  }
}

/// The `k` best documents of each of many queries, gathered from blocks of scores.
///
/// Documents are ordered by (−score, id): of equal scores the smaller id comes first, at the k-th
/// place too, so that the result depends on nothing but the scores, not on how the corpus is cut into
/// blocks nor on the order of these. Takes 8 bytes for each query and place.
///
/// Calls of ``add(_:queries:documents:)`` for disjoint queries may run at the same time.
///
/// Same order as sentence-transformers 6.2, information_retrieval.py.
public final class TopK: @unchecked Sendable {  // each query has memory of its own
  /// How many queries there are.
  public let queryCount: Int
  /// How many documents are kept for a query, at most.
  public let k: Int

  let documentRanks: [Int32]
  private let counts: UnsafeMutablePointer<Int>
  /// Of each query a heap of `k` places: the worst document kept is at its root.
  private let places: UnsafeMutablePointer<Place>

  private struct Place {
    var score: Float
    var document: Int32
  }

  /// Creates an accumulator that has seen no scores.
  ///
  /// - Parameters:
  ///   - queryCount: How many queries there are.
  ///   - k: How many documents to keep for each, at least 1.
  ///   - documentRanks: For each document its place in the order that breaks ties:
  ///     ``RetrievalTask/documentRanks``.
  public init(queryCount: Int, k: Int, documentRanks: [Int32]) {
    precondition(queryCount >= 0 && k > 0, "TopK: \(queryCount) queries, k \(k)")
    self.queryCount = queryCount
    self.k = min(k, max(documentRanks.count, 1))
    self.documentRanks = documentRanks
    counts = .allocate(capacity: queryCount)
    counts.initialize(repeating: 0, count: queryCount)
    places = .allocate(capacity: queryCount * self.k)
    places.initialize(repeating: Place(score: 0, document: 0), count: queryCount * self.k)
  }

  deinit {
    counts.deallocate()
    places.deallocate()
  }

  /// Takes in the scores of some queries for some documents, each pair once over all calls.
  ///
  /// - Parameters:
  ///   - scores: `[queries, documents]`, row-major. A NaN counts as −∞.
  ///   - queries: The queries of the rows.
  ///   - documents: The documents of the columns, as indices into the corpus.
  public func add(
    _ scores: UnsafeBufferPointer<Float>, queries: Range<Int>,
    documents: some RandomAccessCollection<Int>
  ) {
    let columns = documents.count
    precondition(
      scores.count == queries.count * columns,
      "TopK: \(scores.count) scores for \(queries.count) queries and \(columns) documents")
    precondition(
      queries.lowerBound >= 0 && queries.upperBound <= queryCount,
      "TopK: queries \(queries) of \(queryCount)")
    for (row, query) in queries.enumerated() {
      let scores = UnsafeBufferPointer(rebasing: scores[row * columns..<(row + 1) * columns])
      add(scores, query: query) { column in
        let document = documents[documents.index(documents.startIndex, offsetBy: column)]
        precondition(
          documentRanks.indices ~= document, "TopK: document \(document) of \(documentRanks.count)")
        return document
      }
    }
  }

  /// Takes in documents whose scores are roughly known: those that may be among the best are scored
  /// exactly, all others cannot be.
  ///
  /// - Parameters:
  ///   - scores: Of the query for documents that follow one another, none further than `slack` from the
  ///     exact one; a NaN says nothing.
  ///   - slack: At least 0; if it is infinite, every document is scored.
  ///   - query: The query.
  ///   - first: The document of the first score.
  ///   - exact: The score of the document that is so many after the first.
  func add(
    rough scores: UnsafeBufferPointer<Float>, slack: Float, query: Int, first: Int,
    exact: (Int) -> Float
  ) {
    let heap = places + query * k
    func place(_ column: Int) -> Place {
      let score = exact(column)
      return Place(score: score.isNaN ? -.infinity : score, document: Int32(first + column))
    }
    let filling = min(k - counts[query], scores.count)
    for column in 0..<filling {
      rise(place(column), from: counts[query], in: heap)
      counts[query] += 1
    }
    guard counts[query] == k else { return }
    var limit = heap[0].score - slack
    for column in filling..<scores.count where !(scores[column] < limit) {
      let found = place(column)
      guard isWorse(heap[0], found) else { continue }
      sink(found, in: heap)
      limit = heap[0].score - slack
    }
  }

  /// The documents found for a query, best first; fewer than `k` if fewer were seen.
  public func hits(of query: Int) -> [RetrievalHit] {
    precondition(0..<queryCount ~= query, "TopK: query \(query) of \(queryCount)")
    return UnsafeBufferPointer(start: places + query * k, count: counts[query])
      .sorted { isWorse($1, $0) }
      .map { RetrievalHit(document: Int($0.document), score: $0.score) }
  }

  private func add(
    _ scores: UnsafeBufferPointer<Float>, query: Int, document: (_ column: Int) -> Int
  ) {
    let heap = places + query * k
    let filling = min(k - counts[query], scores.count)
    for column in 0..<filling {
      let score = scores[column].isNaN ? -Float.infinity : scores[column]
      let place = Place(score: score, document: Int32(document(column)))
      rise(place, from: counts[query], in: heap)
      counts[query] += 1
    }
    guard counts[query] == k else { return }
    var worst = heap[0].score
    for column in filling..<scores.count where scores[column] >= worst {  // rare; never a NaN
      let place = Place(score: scores[column], document: Int32(document(column)))
      guard isWorse(heap[0], place) else { continue }
      sink(place, in: heap)
      worst = heap[0].score
    }
  }

  private func isWorse(_ one: Place, _ other: Place) -> Bool {
    if one.score != other.score { return one.score < other.score }
    return documentRanks[Int(one.document)] > documentRanks[Int(other.document)]
  }

  /// Puts a place at the end of the heap and moves it up to where it belongs.
  private func rise(_ place: Place, from end: Int, in heap: UnsafeMutablePointer<Place>) {
    var index = end
    while index > 0, case let parent = (index - 1) / 2, isWorse(place, heap[parent]) {
      heap[index] = heap[parent]
      index = parent
    }
    heap[index] = place
  }

  /// Puts a place at the root of the full heap, in place of the worst, and moves it down.
  private func sink(_ place: Place, in heap: UnsafeMutablePointer<Place>) {
    var index = 0
    while case var child = 2 * index + 1, child < k {
      if child + 1 < k, isWorse(heap[child + 1], heap[child]) { child += 1 }
      guard isWorse(heap[child], place) else { break }
      heap[index] = heap[child]
      index = child
    }
    heap[index] = place
  }
}
