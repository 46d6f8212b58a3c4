/// Rows in a new random order each epoch, cut into batches (`batch_sampler: "batch_sampler"`).
///
/// Epoch `e` is `torch.randperm` with the seed `seed + e`: the trainer's `RandomSampler`, which
/// accelerate replaces by its `SeedableRandomSampler`. Among several data sets nothing is replaced:
/// the permutation then comes from the shared generator as it is, and `data_seed` has no effect.
public struct DefaultBatchSampler: BatchSampler {
  /// The peer's `__len__`; see ``BatchSampler``.
  public let batchesPerEpoch: Int
  private let count: Int
  private let batchSize: Int
  private let dropLast: Bool
  private let seed: UInt64

  /// Creates a sampler.
  ///
  /// - Parameters:
  ///   - count: How many rows there are.
  ///   - batchSize: Rows in each batch, the last one of an epoch excepted.
  ///   - dropLast: Whether a last batch with fewer rows is left out.
  ///   - seed: `args.data_seed` if there is one, else `args.seed`.
  public init(count: Int, batchSize: Int, dropLast: Bool, seed: UInt64) {
    batchesPerEpoch = batchCount(of: count, batchSize: batchSize, dropLast: dropLast)
    self.count = count
    self.batchSize = batchSize
    self.dropLast = dropLast
    self.seed = seed
  }

  /// The batches of one epoch; see ``BatchSampler``.
  public func batches(epoch: Int) -> [[Int32]] {
    var generator = TorchGenerator(seed: Sampling.seed(seed, epoch: epoch))
    var batches = Batches(count: count, batchSize: batchSize, dropLast: dropLast)
    return (0..<batchesPerEpoch).compactMap { _ in batches.next(&generator) }
  }

  /// The batches of one epoch among those of other data sets; see ``BatchSampler``.
  public func iterator(epoch: Int) -> any BatchIterator {
    Batches(count: count, batchSize: batchSize, dropLast: dropLast)
  }
}

extension DefaultBatchSampler {
  /// torch's `BatchSampler` over a `RandomSampler`.
  private struct Batches: BatchIterator {
    let count: Int
    let batchSize: Int
    let dropLast: Bool
    private var order: [Int32]?
    private var start = 0
    private var isExhausted = false

    init(count: Int, batchSize: Int, dropLast: Bool) {
      self.count = count
      self.batchSize = batchSize
      self.dropLast = dropLast
    }

    mutating func next(_ generator: inout TorchGenerator) -> [Int32]? {
      guard count > 0, !isExhausted else { return nil }
      let order = self.order ?? generator.permutation(of: count)
      self.order = order
      let rows = order[start..<min(start + batchSize, count)]
      start += rows.count
      if rows.count < batchSize {
        // Asked for a row too many, the peer's RandomSampler draws a permutation of which it takes
        // nothing.
        _ = generator.permutation(of: count)
        isExhausted = true
        if dropLast || rows.isEmpty { return nil }
      }
      return Array(rows)
    }
  }
}
