internal import Encoders
internal import Ranks
internal import Synchronization
internal import Tensors

/// Lets all ranks encode what rank 0 is to encode: the texts of evaluations, of a guide, of clusters.
final class RankEncoding: EncodingShare {
  private let ranks: RankGroup
  private let trained = Mutex<SentenceEncoder?>(nil)

  init(_ ranks: RankGroup) { self.ranks = ranks }

  /// The other ranks have the weights of this model, too.
  func setTrained(_ encoder: SentenceEncoder) { trained.withLock { $0 = encoder } }

  func encode(
    _ texts: [TokenizedText], by encoder: SentenceEncoder, tokensPerBatch: Int,
    precision: ElementType, progress: (Int) throws -> Void
  ) throws -> Tensor {
    let isTrained = trained.withLock { $0 === encoder }
    let order = EncodingOrder(
      texts, directory: isTrained ? "" : encoder.directory, tokensPerBatch: tokensPerBatch,
      precision: precision)
    try RankOrder.encode(order).tell(ranks)
    return try ranks.encode(
      texts, by: encoder, tokensPerBatch: tokensPerBatch, precision: precision, progress: progress)
  }
}
