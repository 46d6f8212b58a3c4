import Glibc

/// One query's documents, best first, each relevant or not.
public struct JudgedRanking: Hashable, Sendable {
  /// For each document found whether it is relevant.
  public let isRelevant: [Bool]
  /// How many documents are relevant to the query, whether found or not; at least 1.
  public let relevantCount: Int

  /// Creates a ranking from its documents' relevance.
  public init(isRelevant: [Bool], relevantCount: Int) {
    precondition(relevantCount > 0, "JudgedRanking: a query without relevant documents")
    self.isRelevant = isRelevant
    self.relevantCount = relevantCount
  }

  /// Judges the documents found for a query.
  public init(_ hits: [RetrievalHit], by judgment: RelevanceJudgment) {
    self.init(
      isRelevant: hits.map { judgment.documents.contains($0.document) },
      relevantCount: judgment.count)
  }
}

/// The metrics of a retrieval, averaged over the queries, as sentence-transformers defines them.
///
/// With h_i = 1 where the document at place i, from 1, is relevant, R the number of relevant
/// documents, and all sums over i ≤ k:
///
///     accuracy@k  = 1 if any h_i              precision@k = Σ h_i / k
///     mrr@k       = 1 / first i with h_i      recall@k    = Σ h_i / R
///     ndcg@k      = Σ h_i / log2(i+1)  /  Σ_{i ≤ min(R,k)} 1 / log2(i+1)
///     map@k       = Σ h_i · (h_1 + … + h_i) / i  /  min(R, k)
///
/// Precision is divided by k even where fewer documents were found. Everything is computed in
/// `Double`, summed in the reference's order. Each list has one value for each cutoff, in the order
/// of the cutoffs.
///
/// Equal to sentence-transformers 6.2, information_retrieval.py, bit for bit where numpy's log2 is
/// the C library's; checked by `InformationRetrievalTests`.
public struct InformationRetrievalMetrics: Hashable, Sendable {
  /// The share of queries with a relevant document among the first k.
  public let accuracy: [Double]
  /// The share of relevant ones among the first k documents.
  public let precision: [Double]
  /// The share of the relevant documents that are among the first k.
  public let recall: [Double]
  /// Normalised discounted cumulative gain.
  public let ndcg: [Double]
  /// Mean reciprocal rank.
  public let mrr: [Double]
  /// Mean average precision.
  public let map: [Double]
  /// At which places they were taken.
  public let cutoffs: InformationRetrievalCutoffs

  /// Computes the metrics of a task's queries.
  ///
  /// - Precondition: `topK` has the queries of `task` in their order, and keeps as many documents
  ///   as the largest cutoff asks for or the corpus has.
  public init(_ topK: TopK, of task: RetrievalTask, at cutoffs: InformationRetrievalCutoffs) {
    precondition(
      topK.queryCount == task.queries.count
        && topK.k >= min(cutoffs.largest, task.documentCount),
      "top \(topK.k) of \(topK.queryCount) queries do not fit a task of \(task.queries.count)"
        + " queries with cutoffs up to \(cutoffs.largest)")
    let rankings = task.judgments.indices.map { query in
      JudgedRanking(topK.hits(of: query), by: task.judgments[query])
    }
    self.init(of: rankings, at: cutoffs)
  }

  /// Computes the metrics of rankings.
  ///
  /// - Precondition: There is a ranking.
  public init(of rankings: [JudgedRanking], at cutoffs: InformationRetrievalCutoffs) {
    precondition(!rankings.isEmpty, "InformationRetrievalMetrics: no queries")
    self.cutoffs = cutoffs
    let count = Double(rankings.count)
    accuracy = cutoffs.accuracy.map { k in
      Double(rankings.count { $0.isRelevant.prefix(k).contains(true) }) / count
    }
    precision = cutoffs.precisionRecall.map { k in
      mean(rankings.map { Double($0.found(in: k)) / Double(k) })
    }
    recall = cutoffs.precisionRecall.map { k in
      mean(rankings.map { Double($0.found(in: k)) / Double($0.relevantCount) })
    }
    let deepest = rankings.reduce(0) { max($0, $1.isRelevant.count, $1.relevantCount) }
    let discounts = (0..<deepest).map { 1 / log2(Double($0 + 2)) }
    ndcg = cutoffs.ndcg.map { k in mean(rankings.map { $0.ndcg(at: k, discounts) }) }
    // The reference adds these one by one.
    mrr = cutoffs.mrr.map { k in
      rankings.reduce(0) { $0 + $1.reciprocalRank(in: k) } / count
    }
    map = cutoffs.map.map { k in mean(rankings.map { $0.averagePrecision(at: k) }) }
  }
}

extension JudgedRanking {
  fileprivate func found(in k: Int) -> Int { isRelevant.prefix(k).count { $0 } }

  fileprivate func reciprocalRank(in k: Int) -> Double {
    isRelevant.prefix(k).firstIndex(of: true).map { 1 / Double($0 + 1) } ?? 0
  }

  fileprivate func averagePrecision(at k: Int) -> Double {
    var (found, sum) = (0, 0.0)
    for (index, isRelevant) in isRelevant.prefix(k).enumerated() where isRelevant {
      found += 1
      sum += Double(found) / Double(index + 1)
    }
    return sum / Double(min(k, relevantCount))
  }

  fileprivate func ndcg(at k: Int, _ discounts: [Double]) -> Double {
    var (gain, ideal) = (0.0, 0.0)
    for (index, isRelevant) in isRelevant.prefix(k).enumerated() where isRelevant {
      gain += discounts[index]
    }
    for index in 0..<min(relevantCount, k) { ideal += discounts[index] }
    return gain / ideal
  }
}

/// The mean as `numpy.mean` computes it: pairwise summation in blocks of 128 with eight partial sums.
private func mean(_ values: [Double]) -> Double { pairwiseSum(values[...]) / Double(values.count) }

private func pairwiseSum(_ values: ArraySlice<Double>) -> Double {
  let (start, count) = (values.startIndex, values.count)
  if count < 8 { return values.reduce(0, +) }
  if count > 128 {
    let half = start + count / 2 / 8 * 8
    return pairwiseSum(values[..<half]) + pairwiseSum(values[half...])
  }
  var sums = SIMD8<Double>()
  let end = start + count / 8 * 8
  for block in stride(from: start, to: end, by: 8) {
    for lane in 0..<8 { sums[lane] += values[block + lane] }
  }
  let sum =
    ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
  return values[end...].reduce(sum, +)
}
