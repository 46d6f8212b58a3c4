/// The batches of one data set, where batches of several could stand.
public struct SingleDatasetBatchSampler: MultiDatasetBatchSampler {
  private let sampler: any BatchSampler

  /// Creates a sampler.
  ///
  /// - Parameter sampler: The data set's own.
  public init(_ sampler: any BatchSampler) { self.sampler = sampler }

  /// How many batches an epoch is said to have; see ``BatchSampler``.
  public var batchesPerEpoch: Int { sampler.batchesPerEpoch }

  /// The batches of one epoch, all of data set 0; see ``BatchSampler/batches(epoch:)``.
  public func batches(epoch: Int) -> [DatasetBatch] {
    sampler.batches(epoch: epoch).map { DatasetBatch(dataset: 0, rows: $0) }
  }
}
