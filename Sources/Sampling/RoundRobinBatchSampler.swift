/// One batch of each data set in turn, until one of them has no more
/// (`multi_dataset_batch_sampler: "round_robin"`).
///
/// Epoch `e` seeds a generator with `seed + e`, from which the data sets' samplers draw when their
/// turn first comes. The rest of the larger data sets is left out of the epoch.
///
/// Batches equal those of sentence-transformers 6.2, row for row.
public struct RoundRobinBatchSampler: MultiDatasetBatchSampler {
  /// The peer's `__len__`; see ``BatchSampler``.
  public let batchesPerEpoch: Int
  private let samplers: [any BatchSampler]
  private let seed: UInt64

  /// Creates a sampler.
  ///
  /// - Parameters:
  ///   - samplers: One for each data set, in the order in which the recipe names them.
  ///   - seed: `args.seed`, as for the samplers; `args.data_seed` has no effect in the peer.
  public init(_ samplers: [any BatchSampler], seed: UInt64) {
    batchesPerEpoch = (samplers.map(\.batchesPerEpoch).min() ?? 0) * samplers.count
    self.samplers = samplers
    self.seed = seed
  }

  /// The batches of one epoch; see ``MultiDatasetBatchSampler``.
  public func batches(epoch: Int) -> [DatasetBatch] {
    var generator = TorchGenerator(seed: Sampling.seed(seed, epoch: epoch))
    var iterators = samplers.map { $0.iterator(epoch: epoch) }
    var batches: [DatasetBatch] = []
    batches.reserveCapacity(batchesPerEpoch)
    while batches.count < batchesPerEpoch {
      // A round counts only if each data set has a batch for it.
      var round: [DatasetBatch] = []
      for dataset in iterators.indices {
        guard let rows = iterators[dataset].next(&generator) else { return batches }
        round.append(DatasetBatch(dataset: dataset, rows: rows))
      }
      batches += round
    }
    return batches
  }
}
