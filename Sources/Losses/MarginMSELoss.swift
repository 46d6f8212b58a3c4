public import Tensors

/// Mean squared error of margins: how much more alike query and first document are than query and
/// another document, compared with what a teacher says of it.
///
/// With q the query, d0 the first document and d1…dn the others of row i,
///
///     m_ij = sim(q_i, d0_i) - sim(q_i, dj_i)          loss = 1/(B·n) Σ_ij (m_ij - y_ij)²
///
/// The labels of a row are either the n margins y_ij, or the teacher's n + 1 scores of d0…dn, of which
/// y_ij = s_i0 - s_ij; how many there are tells which. A query meets the documents of its own row only,
/// so a batch may be of one row.
///
/// Value and gradient are those of sentence-transformers 6.2, checked by `DistillationLossTests`.
/// Labels are floats here, also where a data set has integers, which the peer refuses.
///
/// Reference: Hofstätter et al., 2021, <https://arxiv.org/abs/2010.02666>.
public struct MarginMSELoss: DistillationLoss {
  /// How alike two embeddings are.
  public let similarity: PairwiseSimilarity

  /// Creates the loss.
  ///
  /// - Parameter similarity: How alike two embeddings are.
  public init(similarity: PairwiseSimilarity = .dot) { self.similarity = similarity }

  /// Margins, one for each document but the first; or scores, one for each document.
  public func labelCounts(columns: Int) -> [Int] { [columns - 2, columns - 1] }

  /// The loss of a batch; see
  /// ``EmbeddingLoss/valueAndGradients(_:guide:labels:progress:)``.
  public func valueAndGradients(
    _ columns: [Tensor], guide: [Tensor], labels: Tensor?, progress: (Double) throws -> Void
  ) rethrows -> LossResult {
    checkColumns(columns, guide, labels)
    guard let labels else { preconditionFailure("MarginMSELoss: no labels") }
    let scores = DocumentScores(columns, similarity)
    let (rows, count) = (columns[0].rowCount, columns.count - 1)
    let margins = rows * (count - 1)
    var sum = 0.0
    let gradient = Tensor([rows, count]) { target in
      let (scores, labels, width) = (scores.values.pointer, labels.pointer, labels.width)
      for row in 0..<rows {
        target[row * count] = 0
        for other in 1..<count {
          let margin = scores[row * count] - scores[row * count + other]
          let wanted =
            width == count
            ? labels[row * width] - labels[row * width + other] : labels[row * width + other - 1]
          let difference = margin - wanted
          sum += Double(difference) * Double(difference)
          let slope = 2 * difference / Float(margins)
          target[row * count] += slope
          target[row * count + other] = -slope
        }
      }
    }
    return LossResult(
      value: sum / Double(margins), gradients: scores.gradients(of: gradient))
  }
}
