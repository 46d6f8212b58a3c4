public import Tensors

/// Multiple-negatives ranking loss: the cross-entropy of picking each anchor's own positive among
/// all candidates in the batch.
///
/// Also known as InfoNCE with in-batch negatives. With q the anchors, d0 the positives, d the
/// positives and all hard negatives, the scores of row i are scale · similarity of
///
///     query_to_doc     q_i  with every d
///     query_to_query   q_i  with every q but q_i
///     doc_to_query     d0_i with every q
///     doc_to_doc       d0_i with every d but the row's own
///
///     loss = (1/B) Σ_i (log Σ exp(scores of row i) - scale · similarity(q_i, d0_i))
///
/// with one sum over the scores of all `directions`, or, `per_direction`, the mean of the logarithms
/// of one sum for each. `hardness_mode` adds hardness_strength · similarity to the scores of some
/// negatives of query_to_doc, as a constant: it weights their gradient and has none itself.
///
/// A duplicate of a positive elsewhere in the batch counts as a negative; the `no_duplicates`
/// sampler keeps such rows apart.
///
/// Value and gradient are those of sentence-transformers 6.2, of `MultipleNegativesRankingLoss` and
/// of `CachedMultipleNegativesRankingLoss` alike, checked by `MultipleNegativesRankingLossTests`.
/// Computed in blocks of rows; see `ContrastiveSoftmax`.
///
/// References: Henderson et al., 2017, <https://arxiv.org/abs/1705.00652>, §4.4; Li et al., 2023,
/// <https://arxiv.org/abs/2308.03281> (all four directions); Lan et al., 2025,
/// <https://arxiv.org/abs/2503.04812>, eq. 5 (hardness).
public struct MultipleNegativesRankingLoss: EmbeddingLoss {
  /// What is compared with what.
  public enum Direction: String, CaseIterable, Hashable, Sendable {
    /// Each anchor with all positives and negatives.
    case queryToDoc = "query_to_doc"
    /// Each anchor with the other anchors.
    case queryToQuery = "query_to_query"
    /// Each positive with all anchors.
    case docToQuery = "doc_to_query"
    /// Each positive with the positives and negatives of other rows.
    case docToDoc = "doc_to_doc"
  }

  /// How several directions become one loss.
  public enum PartitionMode: String, CaseIterable, Hashable, Sendable {
    /// One softmax over all directions.
    case joint
    /// The mean of one softmax for each direction.
    case perDirection = "per_direction"
  }

  /// Which negatives weigh more the more similar they are.
  public enum HardnessMode: String, CaseIterable, Hashable, Sendable {
    /// Positives and negatives of other rows.
    case inBatchNegatives = "in_batch_negatives"
    /// The row's own hard negatives.
    case hardNegatives = "hard_negatives"
    /// All but the row's positive.
    case allNegatives = "all_negatives"
  }

  /// 1 / temperature, without unit.
  ///
  /// 20 is temperature 0.05.
  public let scale: Double
  /// How alike two embeddings are.
  public let similarity: Similarity
  /// What is compared with what.
  public let directions: Set<Direction>
  /// How several directions become one loss.
  public let partitionMode: PartitionMode
  /// Which negatives weigh more the more similar they are; nil: none.
  public let hardnessMode: HardnessMode?
  /// How much more they weigh; without effect if there is no mode.
  public let hardnessStrength: Double
  /// Rows of a block, on which the result depends by rounding only; nil: as many as suit the batch.
  package var blockRows: Int?
  /// The rows that count; nil: all.
  private var rows: Range<Int>?

  /// Creates the loss.
  ///
  /// - Parameters:
  ///   - scale: 1 / temperature, more than 0.
  ///   - similarity: Cosine or inner product.
  ///   - directions: What is compared with what; `queryToDoc` must be among them.
  ///   - partitionMode: Whether the directions share one softmax. `queryToQuery` and `docToDoc`
  ///     have no softmax of their own, since the positive is not among their candidates.
  ///   - hardnessMode: Which negatives weigh more the more similar they are.
  ///   - hardnessStrength: How much more, at least 0.
  /// - Throws: ``LossError`` where sentence-transformers raises `ValueError`.
  public init(
    scale: Double = 20, similarity: Similarity = .cosine,
    directions: Set<Direction> = [.queryToDoc], partitionMode: PartitionMode = .joint,
    hardnessMode: HardnessMode? = nil, hardnessStrength: Double = 0
  ) throws {
    try LossError.check(scale > 0, "scale", scale, " above 0")
    try LossError.check(
      hardnessStrength >= 0, "hardness_strength", hardnessStrength, ", at least 0")
    guard directions.contains(.queryToDoc) else {
      let found = directions.map(\.rawValue).sorted().joined(separator: ", ")
      throw LossError(
        .value, "directions", "(\(found)) lacks query_to_doc, which has the positive: add it")
    }
    let pairless = [Direction.queryToQuery, .docToDoc].first(where: directions.contains)
    if partitionMode == .perDirection, let pairless {
      throw LossError(
        .combination, "partition_mode",
        "per_direction does not go with the direction \(pairless.rawValue), whose candidates lack "
          + "the positive: use joint or leave the direction out")
    }
    self.scale = scale
    self.similarity = similarity
    self.directions = directions
    self.partitionMode = partitionMode
    self.hardnessMode = hardnessMode
    self.hardnessStrength = hardnessStrength
  }

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
    let parts = Direction.allCases.filter(directions.contains).map {
      scores(of: $0, columns: columns.count)
    }
    let sections = Array(parts.joined())
    var partitions = [0..<sections.count]
    if partitionMode == .perDirection {
      var start = 0
      partitions = parts.map { part in
        defer { start += part.count }
        return start..<start + part.count
      }
    }
    return try ContrastiveSoftmax(
      sections: sections, partitions: partitions, scale: Float(scale), similarity: similarity,
      shortest: 1e-12, blockRows: blockRows, rows: rows
    ).valueAndGradients(columns, progress: progress)
  }

  private func scores(of direction: Direction, columns: Int) -> [ScoreSection] {
    let plain = Float(scale)
    let hard = Float(scale + hardnessStrength)
    switch direction {
    case .queryToDoc:
      let others =
        hardnessMode == .inBatchNegatives || hardnessMode == .allNegatives ? hard : plain
      let own = hardnessMode == .hardNegatives || hardnessMode == .allNegatives ? hard : plain
      return (1..<columns).map { column in
        ScoreSection(
          rows: 0, candidates: column, factor: others, ownFactor: column == 1 ? plain : own)
      }
    case .queryToQuery:
      return [ScoreSection(rows: 0, candidates: 0, factor: plain, ownFactor: nil)]
    case .docToQuery:
      return [ScoreSection(rows: 1, candidates: 0, factor: plain, ownFactor: plain)]
    case .docToDoc:
      return (1..<columns).map {
        ScoreSection(rows: 1, candidates: $0, factor: plain, ownFactor: nil)
      }
    }
  }
}
