extension Recipe {
  /// Clusters of a column's embeddings; each batch is drawn from one of them.
  public struct Clusters: Hashable, Sendable {
    /// The column whose texts are clustered.
    public var column = ""
    /// The directory of the model that embeds them.
    public var encoder = ""
    /// How many clusters there are.
    public var k = 0
    /// The text put before each of them.
    public var prompt = ""
    /// Where the random numbers of the starts come from.
    public var seed = 42

    package init() {}
  }
}

extension Recipe.Clusters: RecipeBlock {
  static let fields: [Field<Self>] = [
    Field("column", \.column, .path, isRequired: true),
    Field("encoder", \.encoder, .path, isRequired: true),
    Field("k", \.k, .integer(atLeast: 1), isRequired: true),
    Field("prompt", \.prompt, .text),
    Field("seed", \.seed, .integer(atLeast: 0, atMost: .max)),
  ]
}
