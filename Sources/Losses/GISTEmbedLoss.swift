public import Tensors

/// Guided in-sample selection of training negatives: the ranking loss with those candidates left
/// out that a second model, the guide, takes for positives.
///
/// With a the anchors, p the positives, n1, n2… the columns of hard negatives and cos the cosine,
/// the scores of row i are cos / temperature of
///
///     a_i with every p
///     a_i with every a      if contrast_anchors
///     p_i with every p      if contrast_positives
///     a_i with every n1, with every n2, …
///
///     loss = (1/B) Σ_i (log Σ exp(scores of row i) - cos(a_i, p_i) / temperature)
///
/// except for those whose cosine g under the guide is above a threshold t_i, which follows from the
/// guide's g(a_i, p_i) by `margin_strategy`: g > t_i, so that a tie stays. The row's own positive is
/// never left out. All others can be, the row's own hard negatives too; the anchor itself, which
/// stands among the anchors, is left out unless the guide's t_i is 1 or more, and the positive among
/// the positives likewise.
///
/// The guide's cosines are compared as if each were computed alone, whatever the blocks: equal
/// texts tie exactly.
///
/// Value and gradient are those of sentence-transformers 6.2, of `GISTEmbedLoss` (which takes at
/// most one column of hard negatives) and of `CachedGISTEmbedLoss` alike, checked by
/// `GISTEmbedLossTests`. Computed in blocks of rows; see `ContrastiveSoftmax`.
///
/// Reference: Solatorio, 2024, <https://arxiv.org/abs/2402.16829>.
public struct GISTEmbedLoss: EmbeddingLoss {
  /// How the threshold t follows from the guide's similarity s of anchor and positive.
  public enum MarginStrategy: String, CaseIterable, Hashable, Sendable {
    /// t = s - margin.
    case absolute
    /// t = s - |s| · margin, as in sentence-transformers 6.
    case relative
    /// t = s · (1 - margin), as in sentence-transformers 4.1 to 5, which differs for s < 0.
    case relativeBefore6 = "relative_pre_6"
  }

  /// What similarities are divided by.
  public let temperature: Double
  /// How the margin is subtracted.
  public let marginStrategy: MarginStrategy
  /// By how much a negative must be less similar than the positive to be kept.
  public let margin: Double
  /// Whether other anchors are negatives.
  public let contrastsAnchors: Bool
  /// Whether other positives are negatives of a positive.
  public let contrastsPositives: Bool
  /// Rows of a block, on which the result depends by rounding only; nil: as many as suit the batch.
  package var blockRows: Int?
  /// The rows that count; nil: all.
  private var rows: Range<Int>?

  /// Creates the loss.
  ///
  /// - Parameters:
  ///   - temperature: What similarities are divided by, more than 0.
  ///   - marginStrategy: How the margin is subtracted.
  ///   - margin: By how much a negative must be less similar than the positive; any finite number.
  ///   - contrastsAnchors: Whether other anchors are negatives.
  ///   - contrastsPositives: Whether other positives are negatives of a positive.
  /// - Throws: ``LossError`` for a number that is out of range.
  public init(
    temperature: Double = 0.01, marginStrategy: MarginStrategy = .absolute, margin: Double = 0,
    contrastsAnchors: Bool = true, contrastsPositives: Bool = true
  ) throws {
    try LossError.check(temperature > 0, "temperature", temperature, " above 0")
    try LossError.check(true, "margin", margin, "")
    self.temperature = temperature
    self.marginStrategy = marginStrategy
    self.margin = margin
    self.contrastsAnchors = contrastsAnchors
    self.contrastsPositives = contrastsPositives
  }

  /// True: the guide's similarities decide which candidates count.
  public var needsGuide: Bool { true }

  /// The same with only these rows.
  public func part(of rows: Range<Int>) -> (any EmbeddingLoss)? {
    var part = self
    part.rows = rows
    return part
  }

  /// The loss of a batch; see
  /// ``EmbeddingLoss/valueAndGradients(_:guide:labels:progress:)``.
  public func valueAndGradients(
    _ columns: [Tensor], guide: [Tensor], labels: Tensor?, progress: (Double) throws -> Void
  ) rethrows -> LossResult {
    checkColumns(columns, guide, labels)
    let factor = Float(1 / temperature)
    func section(_ rows: Int, _ candidates: Int) -> ScoreSection {
      ScoreSection(rows: rows, candidates: candidates, factor: factor, ownFactor: factor)
    }
    let sections =
      [section(0, 1)] + (contrastsAnchors ? [section(0, 0)] : [])
      + (contrastsPositives ? [section(1, 1)] : []) + (2..<columns.count).map { section(0, $0) }
    let filter = GuideFilter(columns: guide, shortest: Self.shortest, threshold: threshold)
    return try ContrastiveSoftmax(
      sections: sections, partitions: [0..<sections.count], scale: factor, similarity: .cosine,
      shortest: Self.shortest, blockRows: blockRows, rows: rows
    ).valueAndGradients(columns, filter: filter, progress: progress)
  }

  /// ε of PyTorch's `CosineSimilarity`, which the peer uses here; it is not that of `cos_sim`.
  private static let shortest: Float = 1e-8

  /// The threshold in single precision, rounded where the peer rounds.
  private func threshold(_ similarity: Float) -> Float {
    switch marginStrategy {
    case .absolute: return similarity - Float(margin)
    case .relative: return similarity - abs(similarity) * Float(margin)
    case .relativeBefore6: return similarity * Float(1 - margin)
    }
  }
}
