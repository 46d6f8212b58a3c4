public import Tensors

/// How well the similarity of embeddings goes with a similarity that people gave to the texts: the
/// metrics of sentence-transformers' `EmbeddingSimilarityEvaluator`.
public struct EmbeddingSimilarityReport: Hashable, Sendable {
  /// The correlations under one function.
  public struct Score: Hashable, Sendable {
    /// The function.
    public let function: SimilarityFunction
    /// Pearson's correlation; not a number if the embeddings' similarities are all the same.
    public let pearson: Double
    /// Spearman's correlation, of ranks.
    public let spearman: Double

    /// Measures embeddings.
    ///
    /// - Parameters:
    ///   - function: How two embeddings are compared.
    ///   - first: `[rows, width]`, at least two rows.
    ///   - second: The same shape.
    ///   - scores: How alike the texts of each row are said to be.
    public init(
      _ function: SimilarityFunction, first: Tensor, second: Tensor, scores: [Double]
    ) {
      let similarities = function.ofRows(first, second)
      self.function = function
      pearson = Correlation.pearson(scores, similarities)
      spearman = Correlation.spearman(scores, similarities)
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
      "EmbeddingSimilarityReport: scores of \(scores.map(\.function)), "
        + "main \(String(describing: main))")
    (self.name, self.scores, self.main) = (name, scores, main)
  }

  /// The keys that ``values`` will have.
  ///
  /// - Parameters:
  ///   - name: The evaluator's name.
  ///   - functions: The functions.
  /// - Returns: The keys in the same order.
  public static func names(name: String, functions: [SimilarityFunction]) -> [String] {
    (functions.map(\.rawValue) + (functions.count > 1 ? ["max"] : []))
      .flatMap { ["pearson_\($0)", "spearman_\($0)"] }.map { prefixed($0, by: name) }
  }
}

extension EmbeddingSimilarityReport: EvaluationReport {
  /// `{name}_pearson_{function}` and `{name}_spearman_{function}`, and those of `max` if there are
  /// several functions.
  public var values: [(key: String, value: Double)] {
    let best = [scores.map(\.pearson).max() ?? .nan, scores.map(\.spearman).max() ?? .nan]
    return zip(
      Self.names(name: name, functions: scores.map(\.function)),
      scores.flatMap { [$0.pearson, $0.spearman] } + best
    ).map { (key: $0, value: $1) }
  }

  /// Spearman's correlation under the main function, or the best one's.
  public var primaryMetric: String {
    prefixed("spearman_" + SimilarityFunction.deciding(main, of: scores.map(\.function)), by: name)
  }

  /// `similarity_evaluation_{name}_results.csv`.
  public var csvFileName: String {
    "similarity_evaluation\(name.isEmpty ? "" : "_\(name)")_results.csv"
  }

  /// The correlations, `{function}_pearson` and `{function}_spearman`.
  public var csvColumns: [(title: String, value: Double)] {
    scores.flatMap { score in
      [
        (title: "\(score.function.rawValue)_pearson", value: score.pearson),
        (title: "\(score.function.rawValue)_spearman", value: score.spearman),
      ]
    }
  }

  /// CR LF.
  public var csvLineEnd: String { "\r\n" }
}
