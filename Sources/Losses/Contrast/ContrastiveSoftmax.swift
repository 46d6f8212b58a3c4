internal import CKernels
internal import Tensors

/// The cross-entropy of picking each row's own positive among candidates of several sections: the
/// one engine of all losses here.
///
///     loss = (1/B) Σ_i ( (1/P) Σ_p log Σ_{s in p} Σ_j exp S_s[i,j]  -  S_0[i,i] )
///
/// S_s are the scores of section s; p goes over partitions of the sections. The first section's
/// diagonal holds the positives.
///
/// Computed for a block of rows at a time. The block's scores of all sections stand beside one
/// another in one buffer, `[rows, sections · B]`, which first holds similarities, then scores, then
/// gradients; so memory is O(block · B) beside the embeddings and their gradients. Work is cut by
/// shapes alone and sums are taken in one order, so the result does not depend on the number of
/// threads.
struct ContrastiveSoftmax {
  /// The sections in the order in which they stand in the buffer; the first one holds the target.
  let sections: [ScoreSection]
  /// The sections that share a softmax: ranges that cover all of them in order.
  let partitions: [Range<Int>]
  /// How much a score changes when the similarity does.
  ///
  /// What the factors of sections have beyond it is taken as constant.
  let scale: Float
  let similarity: Similarity
  /// Rows shorter than this are not lengthened to 1 by the cosine.
  let shortest: Float
  /// Rows of a block; nil: as many as fill ``blockBytes``.
  var blockRows: Int?
  /// The rows that count; nil: all.
  ///
  /// The gradients are those of all candidates, whichever rows count.
  var rows: Range<Int>?

  /// How large a block of scores is: large beside the gradients that every block is added to, small
  /// beside the batch's embeddings.
  static let blockBytes = 64 << 20

  /// The loss of a batch.
  ///
  /// - Parameters:
  ///   - columns: The embeddings of each column, `[B, D]`.
  ///   - filter: What drops candidates; nil: nothing does.
  ///   - progress: Called with the share that is done, after each block of rows.
  /// - Returns: The value, and for each column the gradient of the value.
  func valueAndGradients(
    _ columns: [Tensor], filter: GuideFilter? = nil, progress: (Double) throws -> Void
  ) rethrows -> LossResult {
    guard similarity == .cosine else {
      let (value, gradients) = try onInnerProducts(columns, filter, progress)
      return LossResult(value: value, gradients: gradients)
    }
    let units = columns.map { $0.normalizedRows(shortest: shortest) }
    let (value, gradients) = try onInnerProducts(units.map(\.rows), filter, progress)
    return LossResult(
      value: value,
      gradients: zip(gradients, units).map { gradient, unit in
        gradient.normalizedRowsBackward(result: unit.rows, norms: unit.norms, shortest: shortest)
      })
  }

  private func onInnerProducts(
    _ columns: [Tensor], _ filter: GuideFilter?, _ progress: (Double) throws -> Void
  ) rethrows -> (value: Double, gradients: [Tensor]) {
    let batch = columns[0].rowCount
    let stride = sections.count * batch
    let fitting = max(32, Self.blockBytes / (4 * stride) / 16 * 16)
    let all = rows ?? 0..<batch
    let height = min(max(1, all.count), blockRows ?? fitting)
    var gradients = columns.map { Tensor(repeating: 0, shape: $0.shape) }
    let targets = gradients.indices.map { gradients[$0].mutablePointer() }
    var losses = [Double](repeating: 0, count: batch)
    var scores = Tensor([height, stride]) { _ in }
    let base = scores.mutablePointer()
    try losses.withUnsafeMutableBufferPointer { losses in
      let losses = losses
      for start in Swift.stride(from: all.lowerBound, to: all.upperBound, by: height) {
        let block = ScoreBlock(
          sections: sections, columns: columns, rows: start..<min(all.upperBound, start + height),
          scores: base)
        block.compare(filter)
        WorkerPool.forEach(block.rows.count) { index in
          losses[start + index] = turnToGradients(
            row: start + index, of: batch, base + index * stride)
        }
        block.addGradients(to: targets)
        try progress(Double(block.rows.upperBound - all.lowerBound) / Double(all.count))
      }
    }
    withExtendedLifetime(scores) {}
    return (losses.reduce(0, +) / Double(batch), gradients)
  }

  /// Turns one row of similarities into the gradient of the mean loss with respect to them.
  ///
  /// - Returns: The row's loss.
  private func turnToGradients(
    row: Int, of batch: Int, _ scores: UnsafeMutablePointer<Float>
  ) -> Double {
    for (index, section) in sections.enumerated() {
      let part = scores + index * batch
      let own = part[row]
      kt_scale(batch, section.factor, part, part)
      part[row] = section.ownFactor.map { $0 * own } ?? -.infinity
    }
    let positive = Double(scores[row])
    let (share, weight) = (1 / Double(partitions.count), scale / Float(batch))
    var loss = 0.0
    for range in partitions {
      var largest: Float = 0
      let logSum = kt_softmax_gradient(
        range.count * batch, weight * Float(share), scores + range.lowerBound * batch, &largest)
      loss += share * (logSum + (Double(largest) - positive))
    }
    scores[row] -= weight
    return loss
  }
}
