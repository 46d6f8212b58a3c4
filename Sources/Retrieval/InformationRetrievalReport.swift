/// The metrics of one evaluation under the names, and in the CSV columns, of sentence-transformers'
/// `InformationRetrievalEvaluator`.
public struct InformationRetrievalReport: Hashable, Sendable {
  /// The metrics under one score function.
  public struct Score: Hashable, Sendable {
    /// The score function: "cosine", "dot".
    public let name: String
    /// The metrics.
    public let metrics: InformationRetrievalMetrics

    /// Creates a score.
    public init(name: String, metrics: InformationRetrievalMetrics) {
      self.name = name
      self.metrics = metrics
    }
  }

  /// The evaluator's name, "" for none.
  public let name: String
  /// The metrics under each score function, all at the same cutoffs.
  public let scores: [Score]
  /// Whether the best checkpoint is chosen by a certain score function; nil for the best one.
  public let mainScore: String?

  /// Creates a report.
  ///
  /// - Precondition: there is a score, all have the same cutoffs, and `mainScore` is one of them.
  public init(name: String, scores: [Score], mainScore: String? = nil) {
    precondition(
      Set(scores.map(\.metrics.cutoffs)).count == 1,
      "InformationRetrievalReport: \(scores.count) scores with one list of cutoffs expected")
    precondition(
      mainScore == nil || scores.contains { $0.name == mainScore },
      "InformationRetrievalReport: the main score \(mainScore ?? "") is not one of the scores")
    self.name = name
    self.scores = scores
    self.mainScore = mainScore
  }

  /// Every metric under its name, `{name}_{score}_{metric}@{k}`, in the reference's order.
  public var values: [(key: String, value: Double)] {
    scores.flatMap { score in
      Self.metrics.flatMap { metric in
        zip(score.metrics.cutoffs[keyPath: metric.cutoffs], score.metrics[keyPath: metric.values])
          .map { (key: prefixed("\(score.name)_\(metric.key)@\($0)", by: name), value: $1) }
      }
    }
  }

  /// The names that ``values`` will have.
  ///
  /// - Parameters:
  ///   - name: The evaluator's name.
  ///   - scores: The names of the score functions.
  ///   - cutoffs: Where the metrics are taken.
  /// - Returns: The names in the same order.
  public static func names(
    name: String, scores: [String], at cutoffs: InformationRetrievalCutoffs
  ) -> [String] {
    scores.flatMap { score in
      metrics.flatMap { metric in
        cutoffs[keyPath: metric.cutoffs].map {
          prefixed("\(score)_\(metric.key)@\($0)", by: name)
        }
      }
    }
  }

  /// The key of the metric by which models are compared: nDCG at the largest of its cutoffs, of the
  /// main score function or of the one in which it is greatest, the first by name of equal ones.
  public var primaryMetric: String {
    let k = scores[0].metrics.cutoffs.ndcg.max() ?? 0
    let sorted = sortedScores
    var best = sorted[0]
    for score in sorted where score.primaryValue > best.primaryValue { best = score }
    return prefixed("\(mainScore ?? best.name)_ndcg@\(k)", by: name)
  }

  /// In the order in which the reference returns them.
  private static var metrics: [Metric] {
    [
      Metric("accuracy", \.accuracy, \.accuracy),
      Metric("precision", \.precisionRecall, \.precision),
      Metric("recall", \.precisionRecall, \.recall), Metric("ndcg", \.ndcg, \.ndcg),
      Metric("mrr", \.mrr, \.mrr), Metric("map", \.map, \.map),
    ]
  }

  private struct Metric {
    let key: String
    let cutoffs: KeyPath<InformationRetrievalCutoffs, [Int]>
    let values: KeyPath<InformationRetrievalMetrics, [Double]>

    init(
      _ key: String, _ cutoffs: KeyPath<InformationRetrievalCutoffs, [Int]>,
      _ values: KeyPath<InformationRetrievalMetrics, [Double]>
    ) {
      self.key = key
      self.cutoffs = cutoffs
      self.values = values
    }
  }
}

extension InformationRetrievalReport: EvaluationReport {
  /// `Information-Retrieval_evaluation_{name}_results.csv`.
  public var csvFileName: String {
    "Information-Retrieval_evaluation\(name.isEmpty ? "" : "_\(name)")_results.csv"
  }

  /// Titles and values in the order of the file: the scores by name, and precision and recall side
  /// by side.
  public var csvColumns: [(title: String, value: Double)] {
    sortedScores.flatMap { score in
      let (metrics, cutoffs) = (score.metrics, score.metrics.cutoffs)
      func columns(_ title: String, _ cutoffs: [Int], _ values: [Double]) -> [(String, Double)] {
        zip(cutoffs, values).map { ("\(score.name)-\(title)@\($0)", $1) }
      }
      let precision = columns("Precision", cutoffs.precisionRecall, metrics.precision)
      let recall = columns("Recall", cutoffs.precisionRecall, metrics.recall)
      let groups = [
        columns("Accuracy", cutoffs.accuracy, metrics.accuracy),
        zip(precision, recall).flatMap { [$0, $1] },
        columns("MRR", cutoffs.mrr, metrics.mrr),
        columns("NDCG", cutoffs.ndcg, metrics.ndcg),
        columns("MAP", cutoffs.map, metrics.map),
      ]
      return Array(groups.joined())
    }
  }

  /// LF.
  public var csvLineEnd: String { "\n" }

  private var sortedScores: [Score] {
    scores.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }
}

extension InformationRetrievalReport.Score {
  /// nDCG at the largest of its cutoffs.
  fileprivate var primaryValue: Double {
    let cutoffs = metrics.cutoffs.ndcg
    return zip(cutoffs, metrics.ndcg).max { $0.0 < $1.0 }?.1 ?? 0
  }
}
