/// Which rows make up each batch of an epoch.
///
/// A sampler is a value: the same epoch always has the same batches, so that a run can seek, resume
/// and digest its plan.
public protocol BatchSampler: Sendable {
  /// How many batches an epoch is said to have, the peer's `__len__`: the number from which steps,
  /// warm-up and the learning rate are computed.
  var batchesPerEpoch: Int { get }

  /// The batches of one epoch, in order, as numbers of rows.
  ///
  /// For the peer's samplers never more than ``batchesPerEpoch``: what one of them yields beyond its
  /// length its trainer does not ask for, so it is cut off here. There may be fewer; the peer's
  /// trainer then goes on to the next epoch with those steps missing, and stops the whole run at an
  /// epoch without any batch.
  ///
  /// - Parameter epoch: From 0.
  /// - Returns: `[batches][rows]`.
  func batches(epoch: Int) -> [[Int32]]

  /// The batches of one epoch one at a time, as a sampler for several data sets asks for them.
  ///
  /// - Parameter epoch: From 0.
  /// - Returns: An iterator before its first batch.
  func iterator(epoch: Int) -> any BatchIterator
}

/// Batches that are made when they are asked for, with random numbers from a generator that the
/// samplers of several data sets share: what one of them draws depends on what others drew before.
///
/// The peer's samplers are Python generators over one `torch.Generator`; this is their order of
/// draws.
public protocol BatchIterator {
  /// Makes the next batch.
  ///
  /// - Parameter generator: The shared generator, which a sampler may also seed anew.
  /// - Returns: Numbers of rows; nil, now and from then on, when there are no more.
  mutating func next(_ generator: inout TorchGenerator) -> [Int32]?
}

/// The batches of one epoch of a sampler that needs no generator but its own.
struct PlannedBatches: BatchIterator {
  private var batches: IndexingIterator<[[Int32]]>

  init(_ batches: [[Int32]]) { self.batches = batches.makeIterator() }

  mutating func next(_ generator: inout TorchGenerator) -> [Int32]? { batches.next() }
}

/// The order in which a sampler goes through the rows.
public enum BatchOrder: Sendable {
  /// A new permutation for each epoch.
  case random
  /// Ascending, the same in each epoch: what `NoDuplicatesBatchSampler` did before
  /// sentence-transformers 3.4, which kept its shuffled rows in a set of integers.
  case sequential
}

/// How many batches `count` rows make: the peer's `__len__` of every sampler here.
func batchCount(of count: Int, batchSize: Int, dropLast: Bool) -> Int {
  precondition(batchSize > 0, "batch size \(batchSize): expected at least 1")
  precondition(
    (0...Int(Int32.max)).contains(count), "\(count) rows: expected 0...\(Int32.max)")
  return dropLast ? count / batchSize : (count + batchSize - 1) / batchSize
}

/// The seed of an epoch's permutation; the generator looks at its low 32 bits alone.
func seed(_ seed: UInt64, epoch: Int) -> UInt64 {
  precondition(epoch >= 0, "epoch \(epoch): expected 0 or more")
  return seed &+ UInt64(epoch)
}
