import Glibc

/// The metrics of a retrieval as AutoRAG defines them, averaged over the queries.
///
/// With the k documents found first, h_i = 1 where the document at place i, from 1, is relevant, and
/// R the number of relevant documents, each a group of its own:
///
///     recall = Σ h_i / R        precision = Σ h_i / found      F1 = 2 p r / (p + r) of each query
///     NDCG   = Σ h_i / log2(i+1)  /  Σ_{i ≤ min(R,k)} 1 / log2(i+1)
///     mRR    = (1/R) Σ h_i / i  =  mAP, since a group has one document
///
/// `found` is k, or all documents if there are fewer.
///
/// AutoRAG up to 0.2.16 sorted the distances of its vector store as if they were similarities, so
/// that the k documents were ranked from the worst to the best (mended in 0.2.17, "fix vectordb
/// score bug"). Tables of that time, such as its Korean embedding benchmark's, have that order:
/// recall, precision and F1 are the same, and the document at place i counts as if at k + 1 - i.
public struct AutoRAGMetrics: Hashable, Sendable {
  /// The number of documents that count.
  public let k: Int
  /// The mean of F1.
  public let f1: Double
  /// The mean share of relevant documents that were found.
  public let recall: Double
  /// The mean share of found documents that are relevant.
  public let precision: Double
  /// Mean average precision.
  public let map: Double
  /// Mean reciprocal rank.
  public let mrr: Double
  /// Normalised discounted cumulative gain.
  public let ndcg: Double

  /// At which numbers of documents AutoRAG's tables are.
  public static let cutoffs = [1, 3, 5, 10]

  /// Computes the metrics of rankings.
  ///
  /// - Parameters:
  ///   - rankings: One for each query, at least `k` documents long or with all there are.
  ///   - k: How many documents count, at least 1.
  ///   - isReversed: Whether the k documents are ranked from the worst to the best.
  /// - Precondition: There is a ranking.
  public init(of rankings: [JudgedRanking], at k: Int, isReversed: Bool = false) {
    precondition(!rankings.isEmpty && k >= 1, "AutoRAGMetrics: \(rankings.count) queries at \(k)")
    self.k = k
    let queries = rankings.map { Query($0, k, isReversed) }
    let mean = { (value: (Query) -> Double) in
      queries.reduce(0) { $0 + value($1) } / Double(queries.count)
    }
    f1 = mean(\.f1)
    recall = mean(\.recall)
    precision = mean(\.precision)
    map = mean(\.reciprocalRanks)
    mrr = mean(\.reciprocalRanks)
    ndcg = mean(\.ndcg)
  }

  /// Names and values in the order of AutoRAG's tables.
  public var values: [(name: String, value: Double)] {
    [
      ("F1", f1), ("Recall", recall), ("Precision", precision), ("mAP", map), ("mRR", mrr),
      ("NDCG", ndcg),
    ]
  }
}

/// The metrics of one query.
private struct Query {
  var (recall, precision, f1) = (0.0, 0.0, 0.0)
  var (reciprocalRanks, ndcg) = (0.0, 0.0)

  init(_ ranking: JudgedRanking, _ k: Int, _ isReversed: Bool) {
    let best = ranking.isRelevant.prefix(k)
    let found = best.count
    let ranks = best.enumerated().filter(\.element).map {
      isReversed ? found - $0.offset : $0.offset + 1
    }
    guard !ranks.isEmpty else { return }
    recall = Double(ranks.count) / Double(ranking.relevantCount)
    precision = Double(ranks.count) / Double(found)
    f1 = 2 * precision * recall / (precision + recall)
    reciprocalRanks = ranks.reduce(0) { $0 + 1 / Double($1) } / Double(ranking.relevantCount)
    let ideal = (1...min(k, ranking.relevantCount)).reduce(0) { $0 + 1 / log2(Double($1 + 1)) }
    ndcg = ranks.reduce(0) { $0 + 1 / log2(Double($1 + 1)) } / ideal
  }
}
