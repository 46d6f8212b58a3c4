internal import Datasets
internal import Encoders
internal import Retrieval
internal import Tensors

/// Measures how well the similarity of a model's embeddings goes with scores that people gave.
///
/// The counterpart of sentence-transformers' class of the same name: equal metrics from equal
/// embeddings, checked by `PairReportTests`. All texts get the model's default prompt, if it has one.
struct EmbeddingSimilarityEvaluator: ModelEvaluator {
  let settings: Recipe.EmbeddingSimilarityEvaluator
  private let pairs: ScoredPairs

  /// Reads the pairs.
  ///
  /// - Throws: `DatasetError`.
  init(_ settings: Recipe.EmbeddingSimilarityEvaluator) throws {
    self.settings = settings
    pairs = try ScoredPairs(
      contentsOf: settings.paths, columns: settings.columns, limit: settings.limit)
  }

  var name: String { settings.name }
  var writesCSV: Bool { settings.writesCSV }

  func metricNames(_ encoder: SentenceEncoder) throws -> [String] {
    _ = try settings.truncateDim.map { try encoder.checkedWidth($0) }
    return EmbeddingSimilarityReport.names(
      name: name, functions: try encoder.similarities(settings.similarities))
  }

  func measure(
    _ encoder: SentenceEncoder, progress: (_ done: Int, _ total: Int) throws -> Void
  ) throws -> any EvaluationReport {
    let functions = try encoder.similarities(settings.similarities)
    let layout = encoder.layout
    let own = layout.defaultPromptName.flatMap { layout.prompts[$0] }
    let rows = pairs.scores.count
    let embeddings = try [pairs.first, pairs.second].enumerated().map { index, column in
      try encoder.encode(Array(column), prompt: settings.prompt ?? own ?? "") {
        try progress(index * rows + $0, 2 * rows)
      }.truncated(to: settings.truncateDim)
    }
    return EmbeddingSimilarityReport(
      name: name,
      scores: functions.map {
        .init($0, first: embeddings[0], second: embeddings[1], scores: pairs.scores)
      }, main: settings.mainSimilarity)
  }
}
