internal import Datasets
internal import Encoders
internal import Losses
internal import Sampling
internal import Tensors

/// The loss on a data set of the recipe's `eval_dataset`, without dropout and without learning.
struct EvaluationLoss {
  let source: TrainingSource
  /// The batches, the same at every evaluation.
  let batches: [[Int32]]
  /// How many rows the peer lets a batch count for.
  private let weights: [Double]

  /// Plans the batches as the peer does at every evaluation: those of the first epoch.
  ///
  /// - Parameters:
  ///   - source: The rows.
  ///   - arguments: How batches are drawn.
  init(_ source: TrainingSource, _ arguments: TrainingArguments) {
    self.source = source
    let sampler = source.sampler(arguments, clusters: nil, isAlone: true)
    let batches = sampler.allBatches(epoch: 0)
    self.batches = batches
    // transformers repeats each batch's loss for as many rows as a batch has, the last one's for what
    // a division of all rows leaves, whatever its own number is, and takes the mean.
    let remainder = source.dataset.rowCount % source.batchSize
    weights = batches.indices.map { index in
      let isLast = index + 1 == batches.count
      return Double(isLast && remainder > 0 ? remainder : source.batchSize)
    }
  }

  /// The metric's name: `loss`, or `{name}_loss` of one of several data sets.
  var metricName: String { source.name.map { $0 + "_loss" } ?? "loss" }

  /// The mean loss.
  ///
  /// - Parameters:
  ///   - texts: What the batches read.
  ///   - progress: Called with how many of how many texts are encoded.
  /// - Returns: The mean.
  /// - Throws: What `progress` throws.
  func value(
    _ texts: PreparedTexts, progress: (_ done: Int, _ total: Int) throws -> Void
  ) throws -> Double {
    var (sum, done) = (0.0, 0)
    let columns = source.dataset.columns.count
    let total = batches.reduce(0) { $0 + $1.count } * columns
    for (batch, weight) in zip(batches, weights) {
      let loss = try source.engine.loss(
        texts.tokens.texts(of: batch), guide: texts.guide?.columns(of: batch) ?? [],
        labels: source.labels(of: batch)
      ) { try progress(done + $0, total) }
      sum += weight * loss
      done += batch.count * columns
    }
    return sum / weights.reduce(0, +)
  }
}

extension TrainingRun {
  /// The data sets of the recipe's `eval_dataset`.
  static func evaluationLosses(
    _ recipe: Recipe, encoder: SentenceEncoder, memoryLimit: Int
  ) throws -> [EvaluationLoss] {
    try (recipe.evalDataset?.entries ?? []).map { name, settings in
      let source = try TrainingSource(
        name: name, settings, in: "eval_dataset", loss: recipe.loss(of: name), encoder: encoder,
        memoryLimit: memoryLimit, batchSize: recipe.args.evalBatchSize, recipe.args)
      let loss = EvaluationLoss(source, recipe.args)
      guard !loss.batches.isEmpty else {
        throw RunError(
          .data,
          "there is no batch of \(source.batchSize) rows without a text that occurs twice, and "
            + "dataloader_drop_last drops smaller ones: lower per_device_eval_batch_size",
          place: name.map { "eval_dataset." + $0 } ?? "eval_dataset")
      }
      return loss
    }
  }

  /// The names of all metrics of an evaluation, without `eval_`.
  static func metricNames(
    _ losses: [EvaluationLoss], _ evaluators: [any ModelEvaluator], _ encoder: SentenceEncoder
  ) throws -> [String] {
    let measured = try evaluators.flatMap { try $0.metricNames(encoder) }
    return losses.map(\.metricName) + measured
      + (evaluators.count > 1 ? ["sequential_score"] : [])
  }
}

extension StepEngine {
  /// The loss of one batch in evaluation: no dropout, no tape.
  ///
  /// - Parameters:
  ///   - columns: The texts of each column, as many in each.
  ///   - guide: The guide's embeddings of each column, if the loss needs them.
  ///   - labels: The labels of each row, if the loss needs them.
  ///   - progress: Called with how many texts are encoded, also within the loss; what it throws is
  ///     rethrown.
  /// - Returns: The loss.
  func loss(
    _ columns: [[TokenizedText]], guide: [Tensor], labels: Tensor?, progress: (Int) throws -> Void
  ) rethrows -> Double {
    let texts = columns.flatMap { $0 }
    var embeddings = Tensor([texts.count, encoder.dimension]) { _ in }
    var done = 0
    for group in miniBatches(lengths: texts.map(\.ids.count)) {
      let tape = Tape(isRecording: false, precision: precision)
      let batch = TokenBatch(group.map { texts[$0] })
      embeddings.scatter(
        encoder.embeddings(batch, tape: tape, dropout: nil).value, to: group)
      done += group.count
      try progress(done)
    }
    return try loss.valueAndGradients(
      embeddings.split(count: columns.count), guide: guide, labels: labels
    ) { _ in try progress(done) }.value
  }
}

extension BatchSampler {
  /// All batches of an epoch, also those beyond ``BatchSampler/batchesPerEpoch`` that training does
  /// not ask for.
  fileprivate func allBatches(epoch: Int) -> [[Int32]] {
    let planned = batches(epoch: epoch)
    guard planned.count == batchesPerEpoch, self is NoDuplicatesBatchSampler else { return planned }
    var batches: [[Int32]] = []
    var iterator = iterator(epoch: epoch)
    var generator = TorchGenerator(seed: 0)  // the sampler seeds it anew
    while let batch = iterator.next(&generator) { batches.append(batch) }
    return batches
  }
}

extension TrainingArguments {
  /// Whether the model is evaluated at all.
  var evaluates: Bool { evalStrategy != .no || evalOnStart }
}
