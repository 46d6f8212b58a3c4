extension Recipe {
  /// The arguments of `MatryoshkaLoss`.
  public struct MatryoshkaLoss: Hashable, Sendable {
    /// The loss at each dimension; any but a `MatryoshkaLoss`.
    public var loss = Loss.multipleNegativesRanking(RankingLoss())
    /// To how many elements embeddings are cut.
    public var dimensions: [Int] = []
    /// What the loss at each dimension counts; nil: 1.
    public var weights: [Double]?
    /// How many of the dimensions, drawn at random, a step takes; 0 or less: all.
    public var dimensionsPerStep = -1

    package init() {}
  }
}

extension Recipe.MatryoshkaLoss: RecipeBlock {
  static let fields: [Field<Self>] = [
    Field("loss", \.loss, Recipe.Loss.plainKind, isRequired: true),
    Field(
      "matryoshka_dims", \.dimensions, .list(of: .integer(atLeast: 1), atLeast: 1),
      isRequired: true),
    Field("matryoshka_weights", \.weights, .optional(.list(of: .number()))),
    Field("n_dims_per_step", \.dimensionsPerStep, .integer(atLeast: -1)),
  ]

  mutating func settle(at path: FieldPath) throws {
    if let weights, weights.count != dimensions.count {
      throw RecipeError(
        .conflict, "there are \(weights.count) for \(dimensions.count) matryoshka_dims",
        at: path.member("matryoshka_weights"))
    }
  }
}
