public import Losses

extension Recipe {
  /// The arguments of `MultipleNegativesRankingLoss`.
  public struct RankingLoss: Hashable, Sendable {
    /// What similarities are multiplied by, 1 / temperature; above 0.
    public var scale = 20.0
    /// The similarity of two embeddings.
    public var similarity = Similarity.cosine
    /// Whether candidates come from all ranks; nil: yes, so that the loss is that of one rank.
    public var gathersAcrossDevices: Bool?
    /// What is compared with what; `queryToDoc` is always among them.
    public var directions = [Direction.queryToDoc]
    /// Whether the directions share one softmax.
    public var partitionMode = PartitionMode.joint
    /// Which negatives weigh more the more similar they are; nil: none.
    public var hardnessMode: HardnessMode?
    /// How much more they weigh, at least 0.
    public var hardnessStrength = 0.0

    package init() {}
  }

  /// The arguments of `CachedMultipleNegativesRankingLoss`.
  public struct CachedRankingLoss: Hashable, Sendable {
    /// The loss, whose value and gradient are those of the loss that is not cached.
    public var ranking = RankingLoss()
    /// How a batch is split.
    public var miniBatches = MiniBatches()

    package init() {}
  }
}

extension Recipe.RankingLoss {
  /// The similarity of two embeddings.
  public typealias Similarity = Losses.Similarity
  /// What is compared with what.
  public typealias Direction = MultipleNegativesRankingLoss.Direction
  /// How several directions become one loss.
  public typealias PartitionMode = MultipleNegativesRankingLoss.PartitionMode
  /// Which negatives are weighted by their hardness.
  public typealias HardnessMode = MultipleNegativesRankingLoss.HardnessMode
}

extension Recipe.RankingLoss: RecipeBlock {
  static let fields: [Field<Self>] = [
    Field("scale", \.scale, .number(above: 0)),
    Field("similarity_fct", \.similarity, .choice),
    Field("gather_across_devices", \.gathersAcrossDevices, .optional(.flag)),
    Field("directions", \.directions, .list(of: .choice, atLeast: 1)),
    Field("partition_mode", \.partitionMode, .choice),
    Field("hardness_mode", \.hardnessMode, .optional(.choice)),
    Field("hardness_strength", \.hardnessStrength, .number(atLeast: 0)),
  ]

  mutating func settle(at path: FieldPath) throws {
    let place = path.member("directions")
    guard directions.contains(.queryToDoc) else {
      throw RecipeError(.conflict, "\"query_to_doc\" must be among the directions", at: place)
    }
    guard Set(directions).count == directions.count else {
      throw RecipeError(.conflict, "a direction stands twice", at: place)
    }
    let pairless = directions.first { $0 == .queryToQuery || $0 == .docToDoc }
    if partitionMode == .perDirection, let pairless {
      let message = """
        "per_direction" does not go with the direction "\(pairless.rawValue)", whose candidates \
        lack the positive; use "joint"
        """
      throw RecipeError(.conflict, message, at: path.member("partition_mode"))
    }
  }
}

extension Recipe.CachedRankingLoss: RecipeBlock {
  static let fields: [Field<Self>] =
    Recipe.RankingLoss.fields.map { Field($0, of: \.ranking) }
    + Recipe.MiniBatches.fields.map { Field($0, of: \.miniBatches) }

  mutating func settle(at path: FieldPath) throws {
    try ranking.settle(at: path)
  }
}
