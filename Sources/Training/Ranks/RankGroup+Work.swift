internal import Encoders
internal import Ranks
internal import Tensors

/// Thrown on ranks that give up what they are doing because another one does.
package struct StepAbandoned: Error {}

extension Optional<RankGroup> {
  /// Does this rank's part of some work and waits for the others'; if one of them has to stop, all
  /// do.
  ///
  /// - Parameter work: What it throws ends the work of all ranks.
  /// - Throws: What `work` throws; ``StepAbandoned`` if it threw elsewhere only; `RankError`.
  func together(_ work: () throws -> Void) throws {
    guard let self else { return try work() }
    var own: (any Error)?
    do { try work() } catch { own = error }
    let isStopped = try self.meet(own == nil ? 0 : 1) != 0
    if isStopped { throw own ?? StepAbandoned() }
  }
}

extension RankGroup {
  /// Fills in the rows that the other ranks have computed.
  ///
  /// - Parameters:
  ///   - embeddings: One row for each text; this rank's are there.
  ///   - shares: Whose rows are whose.
  /// - Throws: `RankError`.
  func gather(_ embeddings: inout Tensor, _ shares: BatchShares) throws {
    let own = embeddings.gather(shares.texts[rank])
    var rows = Tensor(embeddings.shape) { _ in }
    try gather(
      own.pointer, counts: shares.counts(width: embeddings.width), to: rows.mutablePointer())
    embeddings.scatter(rows, to: shares.order)
    withExtendedLifetime(own) {}
  }

  /// Adds up what the ranks say of the rows of all, for this rank's.
  ///
  /// - Parameters:
  ///   - gradient: One row for each text; this rank's become the sums.
  ///   - shares: Whose rows are whose.
  /// - Throws: `RankError`.
  func sum(_ gradient: inout Tensor, _ shares: BatchShares) throws {
    let parts = gradient.gather(shares.order)
    let own = try sumParts(parts.pointer, counts: shares.counts(width: gradient.width))
    gradient.scatter(
      own.reshaped([shares.texts[rank].count, gradient.width]), to: shares.texts[rank])
    withExtendedLifetime(parts) {}
  }

  /// This rank's part of some rows.
  func part(of count: Int) -> Range<Int> {
    BatchShares.rows(of: rank, rankCount: self.count, count: count)
  }

  /// The embeddings of texts, to which each rank does its part.
  ///
  /// - Parameters:
  ///   - texts: The same on all ranks.
  ///   - encoder: The same model on all ranks.
  ///   - tokensPerBatch: How many tokens are computed at a time.
  ///   - precision: How activations are stored and products are computed.
  ///   - progress: Called now and then with about how many texts are done.
  /// - Returns: `[texts, dimension]`.
  /// - Throws: As ``Optional/together(_:)``.
  func encode(
    _ texts: [TokenizedText], by encoder: SentenceEncoder, tokensPerBatch: Int,
    precision: ElementType, progress: (Int) throws -> Void
  ) throws -> Tensor {
    let shares = BatchShares(lengths: texts.map(\.ids.count), rankCount: count)
    let own = shares.texts[rank]
    var embeddings = Tensor([texts.count, encoder.dimension]) { _ in }
    try Optional(self).together {
      let rows = try encoder.encodeHere(
        own.map { texts[$0] }, tokensPerBatch: tokensPerBatch, precision: precision
      ) { try progress($0 * texts.count / own.count) }
      embeddings.scatter(rows, to: own)
    }
    try gather(&embeddings, shares)
    return embeddings
  }
}
