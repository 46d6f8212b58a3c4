internal import Datasets
internal import Encoders
internal import Optimizers
internal import Sampling
internal import Tensors

/// The memory that a run's largest step will take, told before the first step from shapes alone.
///
/// ``MemoryModel`` knows more, from steps that it has measured: this costs no time, so that every
/// run can be told of a step that will not fit, before it has begun.
struct MemoryNeed {
  /// What the process holds already: weights, token ids, texts, the program.
  private let held: Int
  /// What is to come whatever the memory: moments, gradients, the loss.
  private let fixed: Int
  /// What all tensors take between two steps.
  private let tensors: Int
  private let bytesPerToken: Double
  private let engine: StepEngine
  private let lengths: [Int]
  private let width: Int

  /// Looks at the largest batch of the epoch that comes next.
  ///
  /// - Precondition: The run is prepared.
  init(_ run: TrainingRun, precision: ElementType? = nil, share: Double = 1) {
    let batches = run.sampler.batches(epoch: run.state.position.epoch)
    func tokens(_ batch: DatasetBatch) -> Int {
      run.texts[batch.dataset].tokens.lengths(of: batch.rows).reduce(0, +)
    }
    let largest = batches.max { tokens($0) < tokens($1) }
    let source = run.sources[largest?.dataset ?? 0]
    let rows = largest.map { $0.rows.prefix(max(2, Int(share * Double($0.rows.count)))) } ?? []
    lengths = largest.map { run.texts[$0.dataset].tokens.lengths(of: Array(rows)) } ?? []
    let distinct = largest.map { run.texts[$0.dataset].tokens.distinct(in: Array(rows)) } ?? 0
    let model = ModelBytes(run.encoder)
    let all = run.texts.reduce(0) { $0 + $1.tokens.distinct(in: nil) }
    let moments = max(0, model.moments(all) - run.optimizer.momentBytes)
    (engine, width) = (source.engine, model.width)
    held = ProcessMemory.residentBytes ?? 0
    // Tables of moments are counted whole by the tensors, although most rows are never written.
    tensors = TensorMemory.usedBytes + (run.optimizer.momentBytes == 0 ? 2 * model.weights : 0)
    fixed =
      moments + model.dense + model.rows(distinct)
      + model.loss(
        source.engine.loss, rows: rows.count, columns: source.dataset.columns.count)
    bytesPerToken =
      Double(run.encoder.description.configuration.tapeBytesPerToken(precision ?? engine.precision))
      * 1.06  // blocks are up to an eighth larger than what was asked for
  }

  /// The most that is resident if tensors may take so much.
  ///
  /// - Parameter limit: `runtime.memory`.
  /// - Returns: Bytes.
  func peak(_ limit: Int) -> Int {
    let tapes = Tapes(
      engine, lengths: lengths, limit: limit, bytesPerToken: bytesPerToken, used: tensors)
    let reserve = TensorMemory.largestReserve(beside: tensors + tapes.kept) / 2
    return held + fixed + tapes.kept + tapes.goingBack(width: width) + reserve
  }

  /// The largest `runtime.memory` with which the run stays within so many bytes.
  ///
  /// - Parameter bytes: What there is.
  /// - Returns: Bytes; nil if it stays within them with none.
  func limit(within bytes: Int) -> Int? {
    guard peak(0) <= bytes else { return nil }
    var (fits, tooMuch) = (0, engine.memoryLimit)
    while tooMuch - fits > 1 << 20 {
      let middle = fits + (tooMuch - fits) / 2
      if peak(middle) <= bytes { fits = middle } else { tooMuch = middle }
    }
    return max(fits, 1 << 20)
  }
}

extension TokenizedDataset {
  /// The tokens of each text of some rows, column after column.
  func lengths(of rows: [Int32]) -> [Int] {
    columnIndices.flatMap { column in rows.map { ids(column: column, row: Int($0)).count } }
  }

  /// How many different tokens some rows have, or all.
  func distinct(in rows: [Int32]?) -> Int {
    var seen: [Bool] = []
    for column in columnIndices {
      for row in rows ?? (0..<Int32(rowCount)).map({ $0 }) {
        for id in ids(column: column, row: Int(row)) {
          if Int(id) >= seen.count {
            seen.append(contentsOf: repeatElement(false, count: Int(id) + 1 - seen.count))
          }
          seen[Int(id)] = true
        }
      }
    }
    return seen.count { $0 }
  }
}
