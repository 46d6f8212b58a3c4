/// Rows in a new random order each epoch, cut into batches (`batch_sampler: "batch_sampler"`).
///
/// Epoch `e` is `torch.randperm` with the seed `seed + e`: the trainer's `RandomSampler`, which
/// accelerate replaces by its `SeedableRandomSampler`.
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
    let order = generator.permutation(of: count)
    return (0..<batchesPerEpoch).map { batch in
      Array(order[(batch * batchSize)..<min((batch + 1) * batchSize, count)])
    }
  }
}
