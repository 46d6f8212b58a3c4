/// All batches of several data sets in a new random order each epoch
/// (`multi_dataset_batch_sampler: "proportional"`).
///
/// Epoch `e` seeds a generator with `seed + e` and draws from which data set each batch is; the data
/// sets' samplers then draw from the same generator when their turn first comes. A turn of a data
/// set that has run out of batches is left out.
///
/// Batches equal those of sentence-transformers 6.2, row for row.
public struct ProportionalBatchSampler: MultiDatasetBatchSampler {
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
    batchesPerEpoch = samplers.reduce(0) { $0 + $1.batchesPerEpoch }
    self.samplers = samplers
    self.seed = seed
  }

  /// The batches of one epoch; see ``MultiDatasetBatchSampler``.
  public func batches(epoch: Int) -> [DatasetBatch] {
    var generator = TorchGenerator(seed: Sampling.seed(seed, epoch: epoch))
    let datasets = samplers.indices.flatMap { dataset in
      repeatElement(dataset, count: samplers[dataset].batchesPerEpoch)
    }
    var iterators = samplers.map { $0.iterator(epoch: epoch) }
    return generator.permutation(of: batchesPerEpoch).compactMap { turn in
      let dataset = datasets[Int(turn)]
      return iterators[dataset].next(&generator).map { DatasetBatch(dataset: dataset, rows: $0) }
    }
  }
}
