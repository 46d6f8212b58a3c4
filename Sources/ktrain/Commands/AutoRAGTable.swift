import Retrieval
import Training

/// AutoRAG's metrics at its cutoffs, in the columns of its tables.
struct AutoRAGTable {
  private let function: String
  private let isReversed: Bool
  private let metrics: [AutoRAGMetrics]

  init(_ rankings: InformationRetrievalEvaluator.ScoredRankings, isReversed: Bool) {
    function = rankings.function.rawValue
    self.isReversed = isReversed
    metrics = AutoRAGMetrics.cutoffs.map {
      AutoRAGMetrics(of: rankings.rankings, at: $0, isReversed: isReversed)
    }
  }

  var title: String {
    isReversed
      ? "\(function), AutoRAG up to 0.2.16: documents ranked from the worst to the best, a fault of it"
      : "\(function), AutoRAG"
  }

  /// A line for each number of documents.
  var text: String {
    let rows = metrics.map { at in
      [String(at.k)] + at.values.map { Format.fixed($0.value, 4) }
    }
    return Format.table([["k"] + metrics[0].values.map(\.name)] + rows)
  }

  /// The metrics by name: `cosine_autorag_ndcg@3`, `cosine_autorag_compat_ndcg@3`.
  var values: [(key: String, value: Double)] {
    metrics.flatMap { at in
      at.values.map { name, value in
        let prefix = "\(function)_autorag\(isReversed ? "_compat" : "")"
        return (key: "\(prefix)_\(name.lowercased())@\(at.k)", value: value)
      }
    }
  }
}
