import JSONValues

extension Recipe {
  /// The model to train, and what to override in what its directory says.
  public struct Model: Hashable, Sendable {
    /// A directory in sentence-transformers or transformers layout.
    public var path = ""
    /// The length in tokens to which texts are cut; nil: as the directory says.
    public var maxSeqLength: Int?
    /// The probability of hidden and attention dropout, in [0, 1); nil: as the directory says.
    public var dropout: Double?
    /// How token embeddings become one; nil: as the directory says.
    public var pooling: Pooling?
    /// Whether embeddings are scaled to length 1; nil: as the directory says.
    public var normalize: Bool?

    package init() {}
  }

  /// How the embeddings of a text's tokens become the embedding of the text.
  public enum Pooling: String, CaseIterable, Hashable, Sendable {
    /// The mean over all tokens.
    case mean
    /// The embedding of the first token.
    case cls
  }
}

extension Recipe.Model: RecipeBlock {
  static let fields: [Field<Self>] = [
    Field("path", \.path, .path, isRequired: true),
    Field("max_seq_length", \.maxSeqLength, .optional(.integer(atLeast: 1))),
    Field("dropout", \.dropout, .optional(.number(atLeast: 0, below: 1))),
    Field("pooling", \.pooling, .optional(.choice)),
    Field("normalize", \.normalize, .optional(.flag)),
  ]

  /// A model's block, or its path alone.
  static var kind: ValueKind<Self> {
    let block = ValueKind<Self>.block
    let path = ValueKind<String>.path
    let expected = "a path or an object"
    return ValueKind(
      expected: expected, schema: ["anyOf": [.object(path.schema), .object(block.schema)]],
      decode: { value, place in
        if value.object != nil { return try block.decode(value, place) }
        guard value.string != nil else { throw place.wrongType(value, expected: expected) }
        var model = Self()
        model.path = try path.decode(value, place)
        return model
      },
      encode: block.encode)
  }
}
