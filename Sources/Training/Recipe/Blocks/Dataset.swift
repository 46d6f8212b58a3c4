extension Recipe {
  /// Rows of texts: anchor, positive and any number of negatives.
  public struct Dataset: Hashable, Sendable {
    /// The files, read one after the other.
    public var paths: [String] = []
    /// The columns by position, anchor first; nil: all, in the order of the file.
    public var columns: [String]?
    /// How many rows are read at most; nil: all.
    public var limit: Int?

    package init() {}
  }
}

extension Recipe.Dataset: RecipeBlock {
  static let fields: [Field<Self>] = [
    Field("path", \.paths, .oneOrMore(.path), isRequired: true),
    Field("columns", \.columns, .optional(.list(of: .path, atLeast: 1))),
    Field("limit", \.limit, .optional(.integer(atLeast: 1))),
  ]

  mutating func settle(at path: FieldPath) throws {
    var seen: Set<String> = []
    for column in columns ?? [] where !seen.insert(column).inserted {
      throw RecipeError(
        .conflict, "the column \"\(column)\" stands twice", at: path.member("columns"))
    }
  }
}
