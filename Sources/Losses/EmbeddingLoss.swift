public import Tensors

/// A function of the embeddings of one batch: its value, and its gradient with respect to each.
///
/// A loss knows no text, no token and no model; so the same loss serves a batch that was encoded in
/// one piece and one that was encoded in many (Gao et al., 2021, the gradient cache).
public protocol EmbeddingLoss: Sendable {
  /// Whether the loss compares embeddings of a second model, the guide, too.
  var needsGuide: Bool { get }

  /// How few rows a batch of this many columns may have for the loss to be more than a constant.
  ///
  /// - Parameter columns: How many columns the data set has.
  /// - Returns: At least 1.
  func smallestBatch(columns: Int) -> Int

  /// The loss of a batch.
  ///
  /// - Parameters:
  ///   - columns: The embeddings of each column of the data set, `[B, D]` each: anchors, positives,
  ///     then hard negatives. Row i of every column belongs to row i of the batch.
  ///   - guide: The guide's embeddings of each column, `[B, Dg]` each; empty if the loss needs
  ///     none.
  /// - Returns: The value, and for each column the gradient of the value.
  func valueAndGradients(_ columns: [Tensor], guide: [Tensor]) -> LossResult
}

/// What a loss returns.
public struct LossResult: Sendable {
  /// The loss, averaged over the rows of the batch.
  public let value: Double
  /// The gradient of the value with respect to each column, `[B, D]` each.
  public let gradients: [Tensor]

  /// Creates a result.
  ///
  /// - Parameters:
  ///   - value: The loss.
  ///   - gradients: One tensor for each column.
  public init(value: Double, gradients: [Tensor]) {
    self.value = value
    self.gradients = gradients
  }
}

/// How alike two embeddings are.
public enum Similarity: String, CaseIterable, Hashable, Sendable {
  /// The cosine of the angle between them; sentence-transformers' `cos_sim`.
  case cosine = "cos_sim"
  /// The inner product; sentence-transformers' `dot_score`.
  case dot = "dot_score"
}

extension EmbeddingLoss {
  /// Checks that columns, and the guide's if it is needed, have the shapes that a loss expects.
  func checkColumns(_ columns: [Tensor], _ guide: [Tensor]) {
    func fit(_ columns: [Tensor]) -> Bool {
      columns.allSatisfy { $0.shape == columns[0].shape && $0.shape.count == 2 }
    }
    precondition(
      columns.count >= 2 && fit(columns) && columns[0].rowCount > 0,
      "\(Self.self): columns of shapes \(columns.map(\.shape))")
    precondition(
      needsGuide
        ? guide.count == columns.count && fit(guide) && guide[0].rowCount == columns[0].rowCount
        : guide.isEmpty,
      "\(Self.self): columns of shapes \(columns.map(\.shape)) with the guide's "
        + "\(guide.map(\.shape))")
  }
}
