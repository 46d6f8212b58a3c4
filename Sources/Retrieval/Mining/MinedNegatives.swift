/// What ``HardNegativeMining`` found: rows of indices into queries and documents.
public struct MinedNegatives: Sendable {
  /// How rows are made up: the peer's `output_format`.
  public enum OutputFormat: String, CaseIterable, Hashable, Sendable {
    /// Query, positive, negative: a row for each positive and each negative.
    case triplet
    /// Query, positive and all negatives: a row for each positive of a query with enough negatives.
    case nTuple = "n-tuple"
    /// Query and one document: a row for each positive, then one for each negative.
    case labeledPair = "labeled-pair"
    /// Query, positive and the negatives there are: a row for each positive of a query with any.
    case labeledList = "labeled-list"
  }

  /// A row of the new data set.
  public struct Row: Hashable, Sendable {
    /// Index of the query.
    public let query: Int
    /// Indices of the documents, the positive first, the negatives by falling score.
    public let documents: [Int]
    /// For each document 1 for a positive, 0 for a negative.
    public let labels: [Int]
    /// For each document its cosine to the query (`output_scores`).
    public let scores: [Float]

    init(query: Int, positive: RetrievalHit?, negatives: [RetrievalHit]) {
      let hits = (positive.map { [$0] } ?? []) + negatives
      self.query = query
      documents = hits.map(\.document)
      labels = (positive == nil ? [] : [1]) + negatives.map { _ in 0 }
      scores = hits.map(\.score)
    }
  }

  /// The rows, by query and positive.
  public let rows: [Row]
  /// How the rows are made up.
  public let format: OutputFormat
  /// How the scores are distributed, and what was left out.
  public let statistics: MiningStatistics

  init(
    _ pairs: QueryPositives, _ negatives: [[RetrievalHit]], _ options: HardNegativeMining,
    skipped: [MiningStatistics.Skipped], sourceRows: Int
  ) {
    format = options.includePositives ? .nTuple : options.outputFormat
    var rows: [Row] = []
    var scores = (positive: [Float](), negative: [Float](), difference: [Float]())
    for (query, found) in negatives.enumerated() {
      let positives = zip(pairs.documents[query], pairs.scores[query]).map(RetrievalHit.init)
      for positive in positives {
        scores.positive.append(positive.score)
        if format == .labeledPair {
          rows.append(Row(query: query, positive: positive, negatives: []))
        }
        if format == .nTuple && found.count < options.numNegatives { continue }
        for negative in found {
          scores.negative.append(negative.score)
          scores.difference.append(positive.score - negative.score)
          if format == .triplet {
            rows.append(Row(query: query, positive: positive, negatives: [negative]))
          }
        }
        if format == .nTuple || (format == .labeledList && !found.isEmpty) {
          rows.append(Row(query: query, positive: positive, negatives: found))
        }
      }
      if format == .labeledPair {
        rows += found.map { Row(query: query, positive: nil, negatives: [$0]) }
      }
    }
    self.rows = rows
    let possible =
      switch format {
      case .triplet: scores.positive.count * options.numNegatives
      case .nTuple, .labeledList: scores.positive.count
      case .labeledPair: negatives.count * options.numNegatives + sourceRows
      }
    statistics = MiningStatistics(
      positive: .init(scores.positive), negative: .init(scores.negative),
      difference: .init(scores.difference), skipped: skipped, possible: possible,
      missing: max(0, possible - rows.count), options: options)
  }
}
