internal import Datasets
internal import Encoders
internal import Tensors

/// What the steps of one data set read: token ids and, for a GIST loss, the guide's embeddings.
struct PreparedTexts {
  let tokens: TokenizedDataset
  let guide: Guide?

  /// Takes from the store what is there and computes the rest.
  ///
  /// - Parameters:
  ///   - source: The data set.
  ///   - used: Which of its rows the run draws.
  ///   - model: The model that is trained.
  ///   - digests: The digests of the models.
  ///   - store: Where all is kept.
  ///   - report: Is told what is done.
  /// - Throws: What reading the guide and writing the store throw.
  init(
    _ source: TrainingSource, used: @autoclosure () -> [Bool], model: ModelDescription,
    digests: ModelDigests, in store: DatasetStore, report: @escaping (TrainingEvent) -> Void
  ) throws {
    let tokens = try TokenizedDataset(
      source.dataset, prompts: source.prompts, model: model,
      tokenizerDigest: digests.ofTokenizer(in: model.directory), store: store, report: report)
    self.tokens = tokens
    guide = try source.guide.map { guide in
      try Guide(
        guide, input: source.loss.gist?.guideInput ?? .studentTokens, dataset: source.dataset,
        student: model,
        tokens: tokens, used: used(), digests: digests, in: store, report: report)
    }
  }
}
