internal import Datasets
internal import Encoders
internal import Losses
internal import Tensors

/// How much memory the largest batch of a run takes, from what a sample of it took.
///
/// Whatever does not depend on the batch is in the sample's peak. What does is scaled: activations
/// with the tokens whose tapes are kept, the gradients of embeddings with the different tokens, the
/// loss with the rows.
struct MemoryModel {
  /// The forecast.
  let memory: RunForecast.Memory
  /// How many mini-batches of the largest batch are encoded twice.
  let replayed: Int
  /// The budget with which none would be.
  let sufficientBudget: Int

  init(_ run: TrainingRun, _ measured: StepMeasurement, _ survey: BatchSurvey) {
    let source = run.sources[survey.largest.dataset]
    let width = run.encoder.dimension
    let columns = source.dataset.columns.count
    func tapes(_ lengths: [Int], limit: Int) -> Tapes {
      Tapes(
        source.engine, lengths: lengths, limit: limit, bytesPerToken: measured.bytesPerToken,
        used: measured.tensorBytes + 4 * lengths.count * width)
    }
    let limit = source.engine.memoryLimit
    let (sample, batch) = (
      tapes(measured.lengths, limit: limit), tapes(survey.largest.lengths, limit: limit)
    )
    replayed = batch.replayed
    sufficientBudget = tapes(survey.largest.lengths, limit: .max).needed

    let parameters = run.encoder.model.parameters
    let weights = 4 * parameters.reduce(0) { $0 + $1.value.count }
    let tables = parameters.filter { $0.name.hasPrefix("embeddings.") && $0.shape.count == 2 }
    let dense = weights - 4 * tables.reduce(0) { $0 + $1.value.count }
    let rows = { (tokens: Int) in 6 * tokens * width }  // they grow by a half at a time
    let gradients = dense + rows(survey.largest.distinctTokens)
    // At each dimension of a MatryoshkaLoss: cut, lengthened to 1, and the gradients of both.
    let copies = source.engine.loss is MatryoshkaLoss ? 9 : 5
    let loss = Self.lossBytes(
      rows: survey.largest.rowCount, columns: columns, width: width, copies: copies)
    let sampleLoss = Self.lossBytes(
      rows: measured.rowCount, columns: columns, width: width, copies: copies)
    let caches = run.sources.reduce(0) { sum, source in
      let (rows, columns) = (source.dataset.rowCount, source.dataset.columns.count)
      return sum + Int(4 * survey.tokensPerRow * Double(rows)) + 8 * rows * columns
        + (source.guide.map { 4 * $0.dimension * rows * columns } ?? 0)
    }
    // Going back through a layer takes gradients of some twelve widths in fp32, and a mini-batch that
    // is encoded again its tape.
    func goingBack(_ tapes: Tapes) -> Int {
      let tokens = Double(tapes.largest) / measured.bytesPerToken
      return Int(12 * 4 * tokens * Double(width)) + (tapes.replayed > 0 ? tapes.largest : 0)
    }
    // What the sample's peak has beside all this stays as it is.
    let known =
      weights + dense + rows(measured.distinctTokens) + measured.momentBytes + sample.kept
      + sampleLoss
    // Batches differ, so memory of sizes that are not wanted again gathers while a run goes on: by
    // the end of runs of a few dozen steps there was between none and all of what is allowed.
    let gathered =
      TensorMemory.largestReserve(beside: measured.tensorBytes + gradients + batch.kept) / 2
    memory = RunForecast.Memory(
      weights: weights, gradients: gradients,
      optimizer: 2 * dense + 8 * min(survey.distinctTokens, tables[0].shape[0]) * width,
      activations: batch.kept, loss: loss, caches: caches,
      other: max(0, measured.peakBytes - known + goingBack(batch) - goingBack(sample)) + gathered)
  }

  /// Embeddings, lengthened to 1, their gradients twice, and a block of scores.
  private static func lossBytes(rows: Int, columns: Int, width: Int, copies: Int) -> Int {
    copies * 4 * rows * columns * width + min(64 << 20, 4 * rows * rows * columns)
  }
}

/// The tapes of a batch, kept as long as memory lasts.
private struct Tapes {
  /// What the tapes that are kept take, and the largest of all.
  private(set) var kept = 0
  let largest: Int
  /// How many mini-batches are encoded twice.
  let replayed: Int
  /// What all tensors together take when nothing is dropped.
  let needed: Int

  init(_ engine: StepEngine, lengths: [Int], limit: Int, bytesPerToken: Double, used: Int) {
    let sizes = engine.miniBatches(lengths: lengths).map { group in
      Int(bytesPerToken * Double(group.reduce(0) { $0 + lengths[$1] }))
    }
    var count = 0
    for size in sizes {
      (kept, count) = (kept + size, count + 1)
      guard engine.leavesRoom(used: used + kept, taken: size, limit: limit) else { break }
    }
    replayed = sizes.count - count
    largest = sizes.max() ?? 0
    needed = used + sizes.reduce(0, +) + 2 * largest
  }
}
