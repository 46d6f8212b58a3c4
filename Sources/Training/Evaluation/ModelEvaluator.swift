package import Encoders
package import Retrieval

/// Something that measures a model, as a recipe's list of evaluators has them.
package protocol ModelEvaluator: Sendable {
  /// What the names of the metrics start with; empty: none.
  var name: String { get }
  /// Whether a run writes the CSV file.
  var writesCSV: Bool { get }

  /// The names of the metrics that a model's evaluation has.
  ///
  /// - Throws: ``RunError`` as ``measure(_:progress:)``.
  func metricNames(_ encoder: SentenceEncoder) throws -> [String]

  /// Measures a model.
  ///
  /// - Parameters:
  ///   - encoder: The model.
  ///   - progress: Called with how many of how many texts are encoded; what it throws is
  ///     rethrown.
  /// - Returns: The metrics.
  /// - Throws: ``RunError`` if the model lacks what the recipe asks of it.
  func measure(
    _ encoder: SentenceEncoder, progress: (_ done: Int, _ total: Int) throws -> Void
  ) throws -> any EvaluationReport
}

extension Recipe.Evaluator {
  /// Reads the evaluator's data.
  ///
  /// - Parameter place: The evaluator's place in the recipe.
  /// - Returns: The evaluator.
  /// - Throws: `DatasetError`, `RetrievalError` or ``RunError``.
  func evaluator(at place: String) throws -> any ModelEvaluator {
    switch self {
    case .informationRetrieval(let settings): try InformationRetrievalEvaluator(settings)
    case .triplet(let settings): try TripletEvaluator(settings, at: place)
    case .embeddingSimilarity(let settings): try EmbeddingSimilarityEvaluator(settings)
    }
  }
}

extension InformationRetrievalEvaluator: ModelEvaluator {
  package var name: String { settings.name }
  package var writesCSV: Bool { settings.writesCSV }

  package func measure(
    _ encoder: SentenceEncoder, progress: (_ done: Int, _ total: Int) throws -> Void
  ) throws -> any EvaluationReport {
    try evaluate(encoder, progress: progress)
  }
}

extension SentenceEncoder {
  /// The functions by which to compare embeddings: those that were asked for, or the model's own.
  ///
  /// - Throws: ``RunError`` if its own is not known here.
  func similarities(_ wanted: [SimilarityFunction]?) throws -> [SimilarityFunction] {
    if let wanted { return wanted }
    guard let function = SimilarityFunction(rawValue: layout.similarity) else {
      throw RunError(
        .data,
        "the model compares embeddings by \"\(layout.similarity)\", which is not supported; name "
          + "similarity_fn_names in the evaluator", place: directory)
    }
    return [function]
  }
}
