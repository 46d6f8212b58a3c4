public import Tensors

/// Hard-negative mining: for each query the documents that are nearest to it and yet not its
/// positives, narrowed down by rank, score and distance from the positive.
///
/// Of a query's documents by falling cosine, `rangeMax` plus the largest number of positives that
/// any query has are looked at. Its positives are left out, then what fails ``absoluteMargin``,
/// ``relativeMargin``, ``maxScore`` or ``minScore``; margins are taken from the query's positive with
/// the smallest cosine. The first `rangeMin` of what is left are skipped, and of those up to
/// `rangeMax` the first ``numNegatives`` are taken, or a random choice.
///
/// Names, defaults and result are those of sentence-transformers 6.2, `mine_hard_negatives`, without
/// a cross-encoder; of equal cosines the first document is taken, which torch leaves open. NV-Retriever
/// (Moreira et al., 2024, <https://arxiv.org/abs/2407.15831>) calls `maxScore` TopK-Abs,
/// `absoluteMargin` TopK-MarginPos and `relativeMargin` 0.05 TopK-PercPos (95 %), its best.
public struct HardNegativeMining: Hashable, Sendable {
  /// How negatives are chosen among the candidates.
  public enum SamplingStrategy: String, CaseIterable, Hashable, Sendable {
    /// The nearest ones.
    case top
    /// At random: as the peer after `random.seed(seed)`.
    case random
  }

  /// How many of the nearest candidates are skipped.
  public var rangeMin = 0
  /// The rank after which there are no candidates.
  ///
  /// By default `rangeMin + numNegatives`, or `rangeMin + 10 · numNegatives` if there is a margin or
  /// a largest score, plus the largest number of positives of a query.
  public var rangeMax: Int?
  /// The largest cosine of a negative.
  public var maxScore: Double?
  /// The smallest cosine of a negative.
  public var minScore: Double?
  /// A negative's cosine plus this is at most the positive's.
  public var absoluteMargin: Double?
  /// A negative's cosine is at most p − |p| · margin, p the positive's.
  public var relativeMargin: Double?
  /// How many negatives each query gets, at most.
  public var numNegatives = 3
  /// How they are chosen.
  public var samplingStrategy = SamplingStrategy.top
  /// Whether positives are candidates too, to rank them among the others; rows are then of the form
  /// ``MinedNegatives/OutputFormat/nTuple`` whatever the format.
  public var includePositives = false
  /// How the rows are made up.
  public var outputFormat = MinedNegatives.OutputFormat.triplet
  /// Where the random choice comes from.
  public var seed: UInt64 = 42

  /// Creates the settings that the peer has by default.
  public init() {}

  /// Mines negatives.
  ///
  /// - Parameters:
  ///   - queries: `[queries, width]`: the embeddings of the distinct queries, of any lengths.
  ///   - corpus: `[documents, width]`: those of the distinct documents, positives included.
  ///   - positives: For each query its documents, at least one. A document named twice counts once,
  ///     except for how many positives a query has at most.
  ///   - progress: Called with the share of the comparisons that is done, as it grows.
  /// - Returns: Rows and statistics.
  /// - Throws: ``RetrievalError`` if an option is out of range or a row is zero or not finite.
  public func mine(
    queries: Tensor, corpus: Tensor, positives: [[Int]],
    progress: (Double) -> Void = { _ in }
  ) throws(RetrievalError) -> MinedNegatives {
    precondition(
      queries.width == corpus.width && queries.rowCount == positives.count,
      "HardNegativeMining: \(queries.shape) and \(corpus.shape), \(positives.count) positives")
    for (query, documents) in positives.enumerated() {
      precondition(
        !documents.isEmpty && documents.allSatisfy { 0..<corpus.rowCount ~= $0 },
        "query \(query) of \(corpus.rowCount) documents has the positives \(documents)")
    }
    let mostPositives = positives.map(\.count).max() ?? 0
    let last = try checkedRangeMax(mostPositives)
    let queries = try UnitRows(queries, name: "query")
    let corpus = try UnitRows(corpus, name: "document")
    let pairs = QueryPositives(positives, queries, corpus)
    let nearest = TopK(
      nearestTo: queries, among: corpus, k: last + mostPositives, progress: progress)
    var selection = NegativeSelection(self, rangeMax: last, places: last + mostPositives)
    let negatives = positives.indices.map { query in
      selection.negatives(
        among: nearest.hits(of: query), positives: pairs.documents[query],
        smallest: pairs.scores[query].min() ?? 0)
    }
    return MinedNegatives(
      pairs, negatives, self, skipped: selection.skipped,
      sourceRows: positives.reduce(0) { $0 + $1.count })
  }

  private func checkedRangeMax(_ mostPositives: Int) throws(RetrievalError) -> Int {
    guard numNegatives >= 1 else {
      throw RetrievalError(.option, "num_negatives is \(numNegatives), expected 1 or more")
    }
    guard rangeMin >= 0 else {
      throw RetrievalError(.option, "range_min is \(rangeMin), expected 0 or more")
    }
    let isFiltered = absoluteMargin != nil || relativeMargin != nil || maxScore != nil
    let last = rangeMax ?? rangeMin + numNegatives * (isFiltered ? 10 : 1) + mostPositives
    guard rangeMin < last else {
      throw RetrievalError(
        .option, "range_min is \(rangeMin), expected less than range_max, which is \(last)")
    }
    guard numNegatives <= last - rangeMin else {
      throw RetrievalError(
        .option,
        "num_negatives is \(numNegatives), but range_min \(rangeMin) and range_max \(last) leave "
          + "\(last - rangeMin) candidates: lower num_negatives or range_min, or raise range_max")
    }
    for (name, value) in [
      ("max_score", maxScore), ("min_score", minScore), ("absolute_margin", absoluteMargin),
      ("relative_margin", relativeMargin),
    ] where value.map({ !$0.isFinite }) ?? false {
      throw RetrievalError(.option, "\(name) is \(value ?? 0), expected a finite number")
    }
    return last
  }
}

/// The positives of each query without repetition, and their cosines.
struct QueryPositives {
  let documents: [[Int]]
  let scores: [[Float]]

  init(_ positives: [[Int]], _ queries: UnitRows, _ corpus: UnitRows) {
    documents = positives.map { documents in
      var seen: Set<Int> = []
      return documents.filter { seen.insert($0).inserted }
    }
    scores = documents.enumerated().map { query, documents in
      corpus.gathered(documents)
        .timesTransposed(queries.gathered(CollectionOfOne(query))).elements
    }
  }
}
