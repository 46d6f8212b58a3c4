/// Which rows of which data set make up each batch of an epoch: each batch is from one data set.
///
/// A value, like a ``BatchSampler``: the same epoch always has the same batches.
public protocol MultiDatasetBatchSampler: Sendable {
  /// How many batches an epoch is said to have; see ``BatchSampler``.
  var batchesPerEpoch: Int { get }

  /// The batches of one epoch, in order.
  ///
  /// Never more than ``batchesPerEpoch``, and fewer where a data set has fewer than its own sampler
  /// says.
  ///
  /// - Parameter epoch: From 0.
  /// - Returns: The batches.
  func batches(epoch: Int) -> [DatasetBatch]
}

/// A batch of one of several data sets.
public struct DatasetBatch: Hashable, Sendable {
  /// Which data set, in the order of the samplers.
  public let dataset: Int
  /// Numbers of rows within that data set.
  public let rows: [Int32]

  /// Creates a batch.
  public init(dataset: Int, rows: [Int32]) {
    self.dataset = dataset
    self.rows = rows
  }
}
