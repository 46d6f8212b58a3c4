public import Tensors

/// A function of the embeddings of one batch: its value, and its gradient with respect to each.
///
/// A loss knows no text, no token and no model; so the same loss serves a batch that was encoded in
/// one piece and one that was encoded in many (Gao et al., 2021, the gradient cache).
public protocol EmbeddingLoss: Sendable {
  /// Whether the loss compares embeddings of a second model, the guide, too.
  var needsGuide: Bool { get }

  /// How many columns of texts a data set must have at least.
  var fewestColumns: Int { get }

  /// How many labels a row may have.
  ///
  /// - Parameter columns: How many columns of texts the data set has, at least ``fewestColumns``.
  /// - Returns: The numbers that are possible; none if the loss takes no labels.
  func labelCounts(columns: Int) -> [Int]

  /// How few rows a batch of this many columns may have for the loss to be more than a constant.
  ///
  /// - Parameter columns: How many columns the data set has.
  /// - Returns: At least 1.
  func smallestBatch(columns: Int) -> Int

  /// How many texts but its positive each anchor is compared with.
  ///
  /// - Parameters:
  ///   - columns: How many columns the data set has.
  ///   - rows: How many rows a batch has.
  /// - Returns: At least 0.
  func negativesPerAnchor(columns: Int, rows: Int) -> Int

  /// The part of the loss that some rows of a batch have.
  ///
  /// - Parameter rows: Which rows are compared with all candidates.
  /// - Returns: A loss whose value and gradients are what these rows contribute, so that the parts of
  ///   all rows have the loss's as their sum; nil if it costs so little that it is not parted.
  func part(of rows: Range<Int>) -> (any EmbeddingLoss)?

  /// The loss of a batch.
  ///
  /// - Parameters:
  ///   - columns: The embeddings of each column of the data set, `[B, D]` each: anchors, positives,
  ///     then hard negatives. Row i of every column belongs to row i of the batch.
  ///   - guide: The guide's embeddings of each column, `[B, Dg]` each; empty if the loss needs
  ///     none.
  ///   - labels: The labels of each row, `[B, n]`, n one of ``labelCounts(columns:)``; nil if the
  ///     loss takes none.
  ///   - progress: Called with the share that is done, as it grows; what it throws is rethrown.
  /// - Returns: The value, and for each column the gradient of the value.
  func valueAndGradients(
    _ columns: [Tensor], guide: [Tensor], labels: Tensor?, progress: (Double) throws -> Void
  ) rethrows -> LossResult
}

extension EmbeddingLoss {
  /// False: similarities are those of the embeddings alone.
  public var needsGuide: Bool { false }

  /// An anchor and a positive.
  public var fewestColumns: Int { 2 }

  /// Two rows of pairs, or one with a hard negative: else there is nothing to tell apart.
  public func smallestBatch(columns: Int) -> Int { columns > 2 ? 1 : 2 }

  /// Nil.
  public func part(of rows: Range<Int>) -> (any EmbeddingLoss)? { nil }

  /// None.
  public func labelCounts(columns: Int) -> [Int] { [] }

  /// All texts of the batch's columns but the anchors' and the own positive.
  public func negativesPerAnchor(columns: Int, rows: Int) -> Int { (columns - 1) * rows - 1 }

  /// Whether the loss takes labels, and so cannot do without.
  public var needsLabels: Bool { !labelCounts(columns: fewestColumns).isEmpty }

  /// The loss of a batch, without a word on the way; see
  /// ``valueAndGradients(_:guide:labels:progress:)``.
  public func valueAndGradients(
    _ columns: [Tensor], guide: [Tensor] = [], labels: Tensor? = nil
  ) -> LossResult {
    valueAndGradients(columns, guide: guide, labels: labels, progress: { _ in })
  }
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
  /// Checks that columns, and the guide's and labels if they are needed, have the shapes that a loss
  /// expects.
  func checkColumns(_ columns: [Tensor], _ guide: [Tensor], _ labels: Tensor?) {
    func fit(_ columns: [Tensor]) -> Bool {
      columns.allSatisfy { $0.shape == columns[0].shape && $0.shape.count == 2 }
    }
    precondition(
      columns.count >= fewestColumns && fit(columns) && columns[0].rowCount > 0,
      "\(Self.self): columns of shapes \(columns.map(\.shape))")
    precondition(
      needsGuide
        ? guide.count == columns.count && fit(guide) && guide[0].rowCount == columns[0].rowCount
        : guide.isEmpty,
      "\(Self.self): columns of shapes \(columns.map(\.shape)) with the guide's "
        + "\(guide.map(\.shape))")
    let counts = labelCounts(columns: columns.count)
    precondition(
      labels.map { $0.rowCount == columns[0].rowCount && counts.contains($0.width) }
        ?? counts.isEmpty,
      "\(Self.self): columns of shapes \(columns.map(\.shape)) with labels of "
        + "\(labels?.shape ?? [])")
  }
}
