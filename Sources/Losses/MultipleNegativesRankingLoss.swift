internal import CKernels
public import Tensors

/// Multiple-negatives ranking loss: the cross-entropy of picking each anchor's own positive among
/// all candidates in the batch.
///
/// Also known as InfoNCE with in-batch negatives.
///
///     S[i,j] = scale · similarity(a_i, c_j)        loss = (1/B) Σ_i (log Σ_j exp S[i,j] - S[i,i])
///
/// The candidates are all positives of the batch, then all first hard negatives, and so on:
/// C = B · (columns - 1). A duplicate of a positive elsewhere in the batch counts as a negative;
/// the `no_duplicates` sampler keeps such rows apart.
///
/// Computed in blocks of anchors, so it holds a few hundred rows of S at a time, never all of it.
/// Value and gradient are those of sentence-transformers 6.2 at its default `directions` and
/// `partition_mode`, checked by `MultipleNegativesRankingLossTests`.
///
/// Reference: Henderson et al., 2017, <https://arxiv.org/abs/1705.00652>, §4.4.
public struct MultipleNegativesRankingLoss: EmbeddingLoss {
  /// 1 / temperature, without unit.
  ///
  /// 20 is temperature 0.05.
  public let scale: Float
  /// How alike an anchor and a candidate are.
  public let similarity: Similarity

  /// Creates the loss.
  ///
  /// - Parameters:
  ///   - scale: 1 / temperature, more than 0.
  ///   - similarity: Cosine or inner product.
  public init(scale: Float = 20, similarity: Similarity = .cosine) {
    precondition(scale > 0, "MultipleNegativesRankingLoss: scale \(scale)")
    self.scale = scale
    self.similarity = similarity
  }

  /// Two rows of pairs, or one with a hard negative: else there is nothing to tell apart.
  public func smallestBatch(columns: Int) -> Int { columns > 2 ? 1 : 2 }

  /// The loss of a batch; see ``EmbeddingLoss/valueAndGradients(_:)``.
  public func valueAndGradients(_ columns: [Tensor]) -> LossResult {
    precondition(columns.count >= 2, "MultipleNegativesRankingLoss: \(columns.count) columns")
    precondition(
      columns.allSatisfy { $0.shape == columns[0].shape && $0.shape.count == 2 },
      "MultipleNegativesRankingLoss: columns of shapes \(columns.map(\.shape))")
    let candidates = Tensor(stacking: Array(columns.dropFirst()))
    switch similarity {
    case .dot:
      let result = ranking(anchors: columns[0], candidates: candidates)
      return LossResult(
        value: result.value,
        gradients: [result.anchors] + result.candidates.split(count: columns.count - 1))
    case .cosine:
      let (a, aNorms) = columns[0].normalizedRows()
      let (c, cNorms) = candidates.normalizedRows()
      let result = ranking(anchors: a, candidates: c)
      let back = result.candidates.normalizedRowsBackward(result: c, norms: cNorms)
      return LossResult(
        value: result.value,
        gradients: [result.anchors.normalizedRowsBackward(result: a, norms: aNorms)]
          + back.split(count: columns.count - 1))
    }
  }
}

extension MultipleNegativesRankingLoss {
  /// Anchors at a time.
  private static let blockRows = 512

  /// The loss on inner products, and its gradients.
  private func ranking(
    anchors: Tensor, candidates: Tensor
  ) -> (value: Double, anchors: Tensor, candidates: Tensor) {
    let rows = anchors.rowCount
    var value = 0.0
    var candidateGradient = Tensor(repeating: 0, shape: candidates.shape)
    let anchorGradient = Tensor(anchors.shape) { target in
      for start in stride(from: 0, to: rows, by: Self.blockRows) {
        let block = start..<min(rows, start + Self.blockRows)
        var scores = anchors.rows(block).timesTransposed(candidates)
        value += softmaxCrossEntropy(&scores, firstTarget: start, batch: rows)
        let gradient = scores.times(candidates)
        (target + start * anchors.width).update(from: gradient.pointer, count: gradient.count)
        candidateGradient.addTransposedProduct(scores, anchors.rows(block))
      }
    }
    return (value / Double(rows), anchorGradient, candidateGradient)
  }

  /// Turns unscaled scores into the gradient of the mean loss with respect to them.
  ///
  /// - Parameters:
  ///   - scores: `[rows, C]`.
  ///   - firstTarget: The column of the first row's positive; each further row's is one further on.
  ///   - batch: How many rows the loss is averaged over.
  /// - Returns: The sum of the rows' losses.
  private func softmaxCrossEntropy(_ scores: inout Tensor, firstTarget: Int, batch: Int) -> Double {
    let (rows, width) = (scores.rowCount, scores.width)
    let factor = scale / Float(batch)
    var losses = [Double](repeating: 0, count: rows)
    losses.withUnsafeMutableBufferPointer { losses in
      let losses = losses.baseAddress
      let base = scores.mutablePointer()
      WorkerPool.forEach(rows) { row in
        let scores = base + row * width
        let target = firstTarget + row
        kt_scale(width, scale, scores, scores)
        let positive = scores[target]
        var largest: Float = 0
        let logSum = kt_softmax(width, scores, &largest)
        losses?[row] = Double(logSum) + (Double(largest) - Double(positive))
        kt_scale(width, factor, scores, scores)
        scores[target] -= factor
      }
    }
    return losses.reduce(0, +)
  }
}
