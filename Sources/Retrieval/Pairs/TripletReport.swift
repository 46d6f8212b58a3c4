public import Tensors

/// How often an anchor is more like its positive than like its negative: the metrics of
/// sentence-transformers' `TripletEvaluator`.
public struct TripletReport: Hashable, Sendable {
  /// The share of triplets that are told right by one function.
  public struct Score: Hashable, Sendable {
    /// The function.
    public let function: SimilarityFunction
    /// The share, rounded to single precision as the reference's is.
    public let accuracy: Double

    /// Measures embeddings.
    ///
    /// - Parameters:
    ///   - function: How two embeddings are compared.
    ///   - anchors: `[rows, width]`, at least one row.
    ///   - positives: The same shape.
    ///   - negatives: The same shape.
    ///   - margin: By how much the positive must be more alike; an equal difference is not enough.
    public init(
      _ function: SimilarityFunction, anchors: Tensor, positives: Tensor, negatives: Tensor,
      margin: Double = 0
    ) {
      precondition(anchors.rowCount > 0, "TripletReport: no triplet")
      let near = function.ofRows(anchors, positives)
      let far = function.ofRows(anchors, negatives)
      let right = zip(near, far).count { $0 > $1 + margin }
      self.function = function
      accuracy = Double(Float(right) / Float(near.count))
    }
  }

  /// The evaluator's name, "" for none.
  public let name: String
  /// The scores, one for each function.
  public let scores: [Score]
  /// The function by which models are compared; nil for the only one, or the best.
  public let main: SimilarityFunction?

  /// Creates a report.
  ///
  /// - Precondition: there is a score, and `main` is one of the functions.
  public init(name: String, scores: [Score], main: SimilarityFunction? = nil) {
    precondition(
      !scores.isEmpty && (main == nil || scores.contains { $0.function == main }),
      "TripletReport: scores of \(scores.map(\.function)), main \(String(describing: main))")
    (self.name, self.scores, self.main) = (name, scores, main)
  }

  /// The keys that ``values`` will have.
  ///
  /// - Parameters:
  ///   - name: The evaluator's name.
  ///   - functions: The functions.
  /// - Returns: The keys in the same order.
  public static func names(name: String, functions: [SimilarityFunction]) -> [String] {
    (functions.map { "\($0.rawValue)_accuracy" } + (functions.count > 1 ? ["max_accuracy"] : []))
      .map { prefixed($0, by: name) }
  }
}

extension TripletReport: EvaluationReport {
  /// `{name}_{function}_accuracy`, and `{name}_max_accuracy` if there are several functions.
  public var values: [(key: String, value: Double)] {
    let accuracies = scores.map(\.accuracy)
    return zip(
      Self.names(name: name, functions: scores.map(\.function)),
      accuracies + [accuracies.max() ?? .nan]
    ).map { (key: $0, value: $1) }
  }

  /// The accuracy of the main function, or the best one's.
  public var primaryMetric: String {
    prefixed(SimilarityFunction.deciding(main, of: scores.map(\.function)) + "_accuracy", by: name)
  }

  /// `triplet_evaluation_{name}_results.csv`.
  public var csvFileName: String {
    "triplet_evaluation\(name.isEmpty ? "" : "_\(name)")_results.csv"
  }

  /// The accuracies, `accuracy_{function}`.
  public var csvColumns: [(title: String, value: Double)] {
    scores.map { (title: "accuracy_\($0.function.rawValue)", value: $0.accuracy) }
  }

  /// CR LF.
  public var csvLineEnd: String { "\r\n" }
}
