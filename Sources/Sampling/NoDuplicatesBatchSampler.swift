/// Batches in which no text occurs twice (`batch_sampler: "no_duplicates"`), so that no in-batch
/// negative is in truth a positive.
///
/// In the epoch's order, a row joins the batch unless one of its texts is in the batch already, in
/// whatever column; rows left out wait for the next batch, at its front. Equal texts within one row
/// are no conflict. Where the last rows of a pass fill no batch, `dropLast` drops them, else they
/// make small batches. If a pass ends with fewer batches than ``batchesPerEpoch``, the rows are
/// shuffled again, at most twice, to make up the number: such batches repeat rows of the epoch. A
/// data set with too few distinct texts still falls short, and one that cannot fill a single batch
/// has none at all.
///
/// Batches equal those of sentence-transformers 6.2, `no_duplicates_hashed` included, row for row.
public struct NoDuplicatesBatchSampler: BatchSampler {
  /// How often the rows are shuffled again within an epoch (the peer's `_MAX_RESAMPLE_PASSES`).
  private static let extraPasses = 2

  /// The peer's `__len__`; see ``BatchSampler``.
  public let batchesPerEpoch: Int
  private let rows: TextRows
  private let batchSize: Int
  private let dropLast: Bool
  private let seed: UInt64
  private let order: BatchOrder

  /// Creates a sampler.
  ///
  /// - Parameters:
  ///   - textIDs: `[columns][rows]`: what text stands where. Equal texts have equal numbers across
  ///     all columns; numbers start at 0 and are dense, since memory is spent on the largest.
  ///   - batchSize: Rows in each full batch.
  ///   - dropLast: Whether batches with fewer rows are left out.
  ///   - seed: `args.seed`; `args.data_seed` has no effect on this sampler in the peer.
  ///   - order: `.sequential` for the batches of releases before 3.4, which had no extra passes.
  ///     Their rows waited in a Python set, which may lose its ascending order while it shrinks: on
  ///     data full of conflicts the last batches of an epoch could differ from ours.
  public init(
    textIDs: [[Int32]], batchSize: Int, dropLast: Bool, seed: UInt64, order: BatchOrder = .random
  ) {
    rows = TextRows(textIDs)
    batchesPerEpoch = batchCount(of: rows.count, batchSize: batchSize, dropLast: dropLast)
    self.batchSize = batchSize
    self.dropLast = dropLast
    self.seed = seed
    self.order = order
  }

  /// The batches of one epoch; see ``BatchSampler``.
  public func batches(epoch: Int) -> [[Int32]] {
    let seed = Sampling.seed(seed, epoch: epoch)
    guard batchesPerEpoch > 0 else { return [] }
    var batches: [[Int32]] = []
    batches.reserveCapacity(batchesPerEpoch)
    switch order {
    case .sequential:
      onePass(over: (0..<Int32(rows.count)).map { $0 }, into: &batches)
    case .random:
      // The extra passes draw on from the same generator.
      var generator = TorchGenerator(seed: seed)
      for _ in 0...Self.extraPasses {
        onePass(over: generator.permutation(of: rows.count), into: &batches)
        // A first pass without any batch would only be repeated.
        if batches.isEmpty || batches.count == batchesPerEpoch { break }
      }
    }
    return batches
  }

  /// Appends the batches of one pass over all rows, until an epoch's number is reached.
  private func onePass(over order: [Int32], into batches: inout [[Int32]]) {
    var waiting = WaitingRows(order)
    var marks = TextMarks(count: rows.textCount)
    while !waiting.isEmpty && batches.count < batchesPerEpoch {
      marks.clear()
      var batch: [Int32] = []
      batch.reserveCapacity(batchSize)
      waiting.takeEach { row in
        guard batch.count < batchSize else { return .stop }
        let texts = rows[row]
        guard !marks.containsAny(of: texts) else { return .leave }
        marks.insert(texts)
        batch.append(row)
        return .take
      }
      if batch.count == batchSize || !dropLast { batches.append(batch) }
    }
  }
}
