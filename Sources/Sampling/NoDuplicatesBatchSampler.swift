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
    var generator = TorchGenerator(seed: seed)
    var iterator = Batches(sampler: self, seed: seed)
    var batches: [[Int32]] = []
    batches.reserveCapacity(batchesPerEpoch)
    while batches.count < batchesPerEpoch, let batch = iterator.next(&generator) {
      batches.append(batch)
    }
    return batches
  }

  /// The batches of one epoch among those of other data sets; see ``BatchSampler``.
  ///
  /// Seeds the shared generator anew when it is first asked.
  public func iterator(epoch: Int) -> any BatchIterator {
    Batches(sampler: self, seed: Sampling.seed(seed, epoch: epoch))
  }
}

extension NoDuplicatesBatchSampler {
  /// The passes over all rows, of which the first is never cut short.
  private struct Batches: BatchIterator {
    /// How often the rows are shuffled again within an epoch (the peer's `_MAX_RESAMPLE_PASSES`).
    private static let extraPasses = 2

    let sampler: NoDuplicatesBatchSampler
    let seed: UInt64
    private var waiting = WaitingRows([])
    private var marks: TextMarks
    private var passes = 0
    private var batchCount = 0

    init(sampler: NoDuplicatesBatchSampler, seed: UInt64) {
      self.sampler = sampler
      self.seed = seed
      marks = TextMarks(count: sampler.rows.textCount)
    }

    mutating func next(_ generator: inout TorchGenerator) -> [Int32]? {
      if passes > 1 && batchCount >= sampler.batchesPerEpoch { return nil }
      repeat {
        while !waiting.isEmpty {
          let batch = waiting.takeBatch(sampler.batchSize, of: sampler.rows, &marks)
          guard batch.count == sampler.batchSize || !sampler.dropLast else { continue }
          batchCount += 1
          return batch
        }
      } while beginPass(&generator)
      return nil
    }

    /// Lets all rows wait again, if another pass is due.
    private mutating func beginPass(_ generator: inout TorchGenerator) -> Bool {
      let count = sampler.rows.count
      switch sampler.order {
      case .sequential:
        guard passes == 0 else { return false }
        waiting = WaitingRows((0..<Int32(count)).map { $0 })
      case .random:
        if passes == 0 {
          generator = TorchGenerator(seed: seed)
        } else {
          // A first pass without any batch would only be repeated.
          guard passes <= Self.extraPasses, batchCount > 0, batchCount < sampler.batchesPerEpoch
          else { return false }
        }
        // The extra passes draw on from the same generator.
        waiting = WaitingRows(generator.permutation(of: count))
      }
      passes += 1
      return !waiting.isEmpty
    }
  }
}
