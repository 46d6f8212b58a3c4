import Retrieval
import TestSupport
import Testing

@Suite struct AutoRAGMetricsTests {
  /// 114 queries with one relevant page each; 85, 13, 5, 2 and 1 at ranks 1 to 5, and 5 at 6 to 10.
  static let rankings: [JudgedRanking] = {
    let ranks = zip([1, 2, 3, 4, 5, 8, 20], [85, 13, 5, 2, 1, 5, 3]).flatMap {
      Array(repeating: $0, count: $1)
    }
    return ranks.map { rank in
      JudgedRanking(isRelevant: (1...20).map { $0 == rank }, relevantCount: 1)
    }
  }()

  /// The published table of a model with these ranks, made with the reversed order; its numbers are
  /// cut off or rounded to four digits.
  @Test(arguments: [
    (1, [0.7456, 0.7456, 0.7456, 0.7456, 0.7456, 0.7456]),
    (3, [0.4517, 0.9035, 0.3011, 0.3494, 0.3494, 0.4886]),
    (5, [0.3099, 0.9298, 0.1860, 0.2098, 0.2098, 0.3793]),
  ])
  func reversedRankingGivesThePublishedTable(_ k: Int, _ published: [Double]) {
    let metrics = AutoRAGMetrics(of: Self.rankings, at: k, isReversed: true)
    expectClose(metrics.values.map(\.value), published, relative: 0, absolute: 1e-4, "k = \(k)")
    #expect(metrics.values.map(\.name) == ["F1", "Recall", "Precision", "mAP", "mRR", "NDCG"])
  }

  /// By hand: (85 + 13/2 + 5/3) / 114 and so on.
  @Test func trueRanking() {
    let metrics = AutoRAGMetrics(of: Self.rankings, at: 3)
    let mrr = (85 + 13 / 2.0 + 5 / 3.0) / 114
    let ndcg = (85 + 13 * 0.6309297535714575 + 5 * 0.5) / 114
    expectClose(
      metrics.values.map(\.value),
      [51.5 / 114, 103.0 / 114, 103.0 / 342, mrr, mrr, ndcg],
      relative: 1e-12, absolute: 0)
    let ten = AutoRAGMetrics(of: Self.rankings, at: 10)
    expectClose(
      [ten.recall, ten.f1], [111.0 / 114, 111.0 / 114 * 2 / 11], relative: 1e-12, absolute: 0)
  }

  /// Two of three relevant documents at places 1 and 4 of five, of a corpus of five; by hand.
  @Test func severalRelevantDocumentsAndAShortCorpus() {
    let ranking = JudgedRanking(isRelevant: [true, false, false, true, false], relevantCount: 3)
    let metrics = AutoRAGMetrics(of: [ranking], at: 10)
    let ideal = 1 + 0.6309297535714575 + 0.5
    expectClose(
      metrics.values.map(\.value),
      [0.5, 2.0 / 3, 0.4, 1.25 / 3, 1.25 / 3, (1 + 1 / 2.321928094887362) / ideal],
      relative: 1e-12, absolute: 0)
    let reversed = AutoRAGMetrics(of: [ranking], at: 10, isReversed: true)
    expectClose([reversed.mrr], [(1.0 / 5 + 1.0 / 2) / 3], relative: 1e-12, absolute: 0)
    let none = AutoRAGMetrics(of: [ranking], at: 1, isReversed: true)
    #expect(none.recall == 1.0 / 3 && none.ndcg == 1)
  }
}
