/// Batches that are drawn from one cluster each and in which no text occurs twice: in-batch
/// negatives that are hard and yet negatives.
///
/// *Ours*; the peer has no such sampler.
///
/// Epoch `e` shuffles rows and clusters with the seed `seed + e`. Each cluster gives as many full
/// batches as it can. What is left of the clusters is then merged, one cluster after the other with
/// the nearest one that has rows left, which gives further full batches; these few are the only
/// ones that mix clusters. So a cluster smaller than a batch is merged too, no row is lost or comes
/// twice, and at the end fewer rows than a batch remain, or rows of too few distinct texts.
/// `dropLast` drops these, else they make small batches. At last the batches are shuffled.
///
/// A cluster in which so few texts are distinct that a batch's worth of rows or more is left hands
/// these on at once to the nearest cluster whose turn is still to come, so that its batches take
/// some of them each.
///
/// Reference for batches from clusters: Merrick, "Embedding and clustering your data can improve
/// contrastive pretraining", 2024, <https://arxiv.org/abs/2407.18887>.
public struct ClusteredBatchSampler: BatchSampler {
  /// The number of batches in the first epoch.
  ///
  /// That of every epoch where no texts are equal: the rows divided by the batch size, rounded down
  /// if the last batch is dropped, else up. Equal texts may make the epochs differ a little.
  public let batchesPerEpoch: Int
  private let epochs: ClusteredEpochs
  private let seed: UInt64

  /// Creates a sampler.
  ///
  /// - Parameters:
  ///   - assignments: The cluster of each row, from 0.
  ///   - centroidSimilarities: `[clusters · clusters]`, row-major: how near the clusters are to each
  ///     other, the greater the nearer; of equally near ones the first is taken.
  ///   - textIDs: `[columns][rows]`: what text stands where, as for ``NoDuplicatesBatchSampler``; no
  ///     column at all lets texts occur more than once in a batch.
  ///   - batchSize: Rows in each full batch.
  ///   - dropLast: Whether the rows at the end that fill no batch are left out.
  ///   - seed: `args.seed`.
  public init(
    assignments: [Int32], centroidSimilarities: [Float], textIDs: [[Int32]], batchSize: Int,
    dropLast: Bool, seed: UInt64
  ) {
    _ = batchCount(of: assignments.count, batchSize: batchSize, dropLast: dropLast)
    epochs = ClusteredEpochs(
      assignments: assignments, centroidSimilarities: centroidSimilarities,
      texts: TextRows(textIDs, count: assignments.count), batchSize: batchSize, dropLast: dropLast)
    batchesPerEpoch = epochs.batches(seed: Sampling.seed(seed, epoch: 0)).count
    self.seed = seed
  }

  /// The batches of one epoch, all of them; see ``BatchSampler``.
  public func batches(epoch: Int) -> [[Int32]] {
    epochs.batches(seed: Sampling.seed(seed, epoch: epoch))
  }

  /// The batches of one epoch; draws nothing from the shared generator.
  public func iterator(epoch: Int) -> any BatchIterator {
    PlannedBatches(batches(epoch: epoch))
  }
}
