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

    let model = ModelBytes(run.encoder)
    let gradients = model.dense + model.rows(survey.largest.distinctTokens)
    let loss = model.loss(
      source.engine.loss, rows: survey.largest.rowCount, columns: columns)
    let sampleLoss = model.loss(source.engine.loss, rows: measured.rowCount, columns: columns)
    let caches = run.sources.reduce(0) { sum, source in
      let (rows, columns) = (source.dataset.rowCount, source.dataset.columns.count)
      return sum + Int(4 * survey.tokensPerRow * Double(rows)) + 8 * rows * columns
        + (source.guide.map { 4 * $0.dimension * rows * columns } ?? 0)
    }
    // What the sample's peak has beside all this stays as it is.
    let known =
      model.weights + model.dense + model.rows(measured.distinctTokens) + measured.momentBytes
      + sample.kept + sampleLoss
    // Batches differ, so memory of sizes that are not wanted again gathers while a run goes on: by
    // the end of runs of a few dozen steps there was between none and all of what is allowed.
    let gathered =
      TensorMemory.largestReserve(beside: measured.tensorBytes + gradients + batch.kept) / 2
    memory = RunForecast.Memory(
      weights: model.weights, gradients: gradients,
      optimizer: model.moments(survey.distinctTokens),
      activations: batch.kept, loss: loss, caches: caches,
      other: max(
        0,
        measured.peakBytes - known + batch.goingBack(width: width)
          - sample.goingBack(width: width)) + gathered)
  }
}

/// The tapes of a batch, kept as long as memory lasts.
struct Tapes {
  /// What the tapes that are kept take, and the largest of all.
  private(set) var kept = 0
  let largest: Int
  /// How many mini-batches are encoded twice.
  let replayed: Int
  /// What all tensors together take when nothing is dropped.
  let needed: Int
  private let largestTokens: Int

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
    largestTokens = Int(Double(largest) / bytesPerToken)
  }

  /// What going back takes beside the tapes: in a layer, gradients of some twelve widths in fp32; and
  /// a mini-batch that is encoded again has a tape of its own.
  func goingBack(width: Int) -> Int {
    12 * 4 * largestTokens * width + (replayed > 0 ? largest : 0)
  }
}
