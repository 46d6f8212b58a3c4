internal import Datasets
internal import Encoders
internal import FoundationEssentials
internal import Losses
internal import Optimizers
internal import Sampling
internal import Tensors

/// A few mini-batches of a run's first batch, taken through real steps and measured: forward, loss,
/// backward, AdamW with a learning rate of 0, which leaves the model as it is.
struct StepMeasurement {
  /// The tokens of the sample's texts.
  let lengths: [Int]
  /// How many rows the sample has.
  let rowCount: Int
  /// How many different tokens it has.
  let distinctTokens: Int
  /// How long it took forward and backward, without the loss.
  let forwardSeconds: Double
  let backwardSeconds: Double
  let optimizerSeconds: Double
  /// What a token's activations take while a tape is kept.
  let bytesPerToken: Double
  /// What all tensors take between two steps: weights and moments.
  let tensorBytes: Int
  /// What AdamW's moments take after it: of tables only the rows that were looked up.
  let momentBytes: Int
  /// The most that was resident during a step.
  let peakBytes: Int

  var tokens: Int { lengths.reduce(0, +) }

  /// How long the measurement may take, about.
  private static let seconds = 20.0

  /// Measures steps of a run that is thrown away afterwards: its optimizer has then taken some.
  init(_ run: TrainingRun) throws {
    let batches = run.sampler.batches(epoch: 0)
    let batch = batches[0]
    let source = run.sources[batch.dataset]
    let miniBatch = source.engine.tokensPerMiniBatch
    // A short step first: how long it takes says how large the sample may be.
    var sample = Sample(of: batch, source, run, tokens: 512)
    let first = try sample.step(run, source)
    let affordable = Self.seconds / 2 / ((first.encode + first.backward) / Double(sample.tokens))
    sample = Sample(
      of: batch, source, run, tokens: max(512, min(2 * miniBatch, Int(min(affordable, 1e6)))))
    bytesPerToken = sample.activationBytesPerToken(run, source)
    // Other rows first, so that moments are there and memory of other sizes waits to be used again.
    let other = batches.dropFirst().first { $0.dataset == batch.dataset } ?? batch
    _ = try Sample(of: other, source, run, tokens: sample.tokens).step(run, source)
    tensorBytes = TensorMemory.usedBytes
    ProcessMemory.resetPeak()
    let times = try sample.step(run, source)
    peakBytes = ProcessMemory.peakBytes ?? 0
    momentBytes = run.optimizer.momentBytes
    (forwardSeconds, backwardSeconds) = (times.encode, times.backward)
    optimizerSeconds = times.optimizer
    lengths = sample.columns.joined().map(\.ids.count)
    rowCount = sample.columns[0].count
    distinctTokens =
      sample.columns.joined().reduce(into: Set<Int32>()) { $0.formUnion($1.ids) }
      .count
  }

  /// How long the loss of a batch takes, its embeddings made up; beyond ``lossRows`` it is taken to
  /// grow with the comparisons of anchors and others.
  static func lossSeconds(
    _ loss: any EmbeddingLoss, rows: Int, columns: Int, dimension: Int
  ) -> Double {
    let count = min(rows, lossRows)
    let embeddings = MadeUp.columns(columns, rows: count, dimension: dimension)
    let guide = loss.needsGuide ? embeddings : []
    let start = ContinuousClock.now
    let labels = loss.madeUpLabels(columns: columns, rows: count)
    _ = loss.valueAndGradients(embeddings, guide: guide, labels: labels)
    let seconds = (ContinuousClock.now - start).seconds
    func comparisons(_ rows: Int) -> Double {
      Double(rows) * Double(1 + loss.negativesPerAnchor(columns: columns, rows: rows))
    }
    return seconds * comparisons(rows) / comparisons(count)
  }

  private static let lossRows = 1024
}

/// Rows that lie evenly in a batch, of about so many tokens.
private struct Sample {
  let columns: [[TokenizedText]]

  var tokens: Int { columns.joined().reduce(0) { $0 + $1.ids.count } }

  init(of batch: DatasetBatch, _ source: TrainingSource, _ run: TrainingRun, tokens: Int) {
    let least = min(
      batch.rows.count,
      max(2, source.engine.loss.smallestBatch(columns: source.dataset.columns.count)))
    // As many rows as have so many tokens, judged by a few of them.
    let probe = source.tokenized(Self.rows(of: batch, min(batch.rows.count, 32)), by: run.encoder)
    let perRow = Double(probe.joined().reduce(0) { $0 + $1.ids.count }) / Double(probe[0].count)
    let count = max(least, min(batch.rows.count, Int(Double(tokens) / perRow)))
    columns = source.tokenized(Self.rows(of: batch, count), by: run.encoder)
  }

  private static func rows(of batch: DatasetBatch, _ count: Int) -> [Int32] {
    (0..<count).map { batch.rows[$0 * batch.rows.count / count] }
  }

  func step(_ run: TrainingRun, _ source: TrainingSource) throws -> PhaseTimes {
    let gradients = Gradients()
    let guide =
      source.engine.loss.needsGuide
      ? MadeUp.columns(columns.count, rows: columns[0].count, dimension: 64) : []
    let labels = source.engine.loss.madeUpLabels(columns: columns.count, rows: columns[0].count)
    let outcome = try source.engine.run(
      columns, guide: guide, labels: labels, dropout: DropoutKey(seed: 0, step: 0), into: gradients)
    var times = outcome.times
    var clock = PhaseClock()
    run.optimizer.step(gradients, learningRate: 0)
    clock.end(.optimizer)
    times += clock.times
    return times
  }

  /// What a token's activations take, by what a tape keeps of one mini-batch.
  func activationBytesPerToken(_ run: TrainingRun, _ source: TrainingSource) -> Double {
    let texts = columns.flatMap { $0 }
    let group = source.engine.miniBatches(lengths: texts.map(\.ids.count))[0]
    let batch = TokenBatch(group.map { texts[$0] })
    func forward() -> (Tape, Variable) {
      let tape = Tape(isRecording: true, precision: source.engine.precision)
      let dropout = DropoutKey(seed: 0, step: 0)
      return (tape, run.encoder.embeddings(batch, tape: tape, dropout: dropout))
    }
    // What the weights need is packed once for all mini-batches; and memory that waits to be used
    // again may be larger than what is asked for.
    _ = forward()
    TensorMemory.releaseReserve()
    let before = TensorMemory.usedBytes
    return withExtendedLifetime(forward()) {
      Double(TensorMemory.usedBytes - before) / Double(batch.ids.count)
    }
  }
}

/// Embeddings that no model made.
private enum MadeUp {
  static func columns(_ count: Int, rows: Int, dimension: Int) -> [Tensor] {
    (0..<count).map { column in
      Tensor([rows, dimension]) { target in
        for index in 0..<rows * dimension {
          let key = UInt64(index) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(column) << 40
          target[index] = Float(Int32(truncatingIfNeeded: (key ^ key >> 29) &* 0xBF58_476D >> 16))
        }
      }
    }
  }
}

extension EmbeddingLoss {
  /// Labels that no teacher gave; nil if the loss takes none.
  fileprivate func madeUpLabels(columns: Int, rows: Int) -> Tensor? {
    labelCounts(columns: columns).last.map { Tensor(repeating: 0, shape: [rows, $0]) }
  }
}

extension ProcessMemory {
  /// Lets the peak of resident memory start again from what is resident now, where the system can.
  static func resetPeak() {
    try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
  }
}
