internal import Datasets

extension Recipe {
  /// Rows of texts: anchor, positive and any number of negatives.
  public struct Dataset: Hashable, Sendable {
    /// The files or BEIR directories, read one after the other.
    public var paths: [String] = []
    /// The columns by position, anchor first; nil: all, in the order of the file.
    public var columns: [String]?
    /// How many rows are read at most; nil: all.
    public var limit: Int?
    /// Which judgements of a BEIR directory are read; nil: `train`, and the only choice for files.
    public var split: String?
    /// The file of the texts that the first column's ids stand for; nil: rows hold texts.
    public var queries: String?
    /// The file of the texts that the other columns' ids stand for; not nil if `queries` is not.
    public var corpus: String?

    package init() {}
  }
}

extension Recipe.Dataset: RecipeBlock {
  static let fields: [Field<Self>] = [
    Field("path", \.paths, .oneOrMore(.path), isRequired: true),
    Field("columns", \.columns, .optional(.list(of: .path, atLeast: 1))),
    Field("limit", \.limit, .optional(.integer(atLeast: 1))),
    Field("split", \.split, .optional(.path)),
    Field("queries", \.queries, .optional(.path)),
    Field("corpus", \.corpus, .optional(.path)),
  ]

  mutating func settle(at path: FieldPath) throws {
    var seen: Set<String> = []
    for column in columns ?? [] where !seen.insert(column).inserted {
      throw RecipeError(
        .conflict, "the column \"\(column)\" stands twice", at: path.member("columns"))
    }
    guard (queries == nil) == (corpus == nil) else {
      let missing = queries == nil ? "queries" : "corpus"
      throw RecipeError(
        .conflict,
        "rows of ids need both queries, for the first column, and corpus, for the others: "
          + "\(missing) is missing", at: path.member(missing))
    }
    guard split == nil || queries == nil else {
      throw RecipeError(
        .conflict, "is for BEIR directories, and does not go with queries and corpus",
        at: path.member("split"))
    }
  }
}

extension Recipe.Dataset {
  /// Reads the rows.
  ///
  /// - Parameter columns: The columns to read; nil: those of the recipe.
  /// - Returns: The rows.
  /// - Throws: `DatasetError`.
  func read(columns: [String]? = nil) throws -> TextDataset {
    try TextDataset(
      contentsOf: paths, columns: columns ?? self.columns, limit: limit, split: split, ids: ids)
  }

  private var ids: IDTexts? {
    guard let queries, let corpus else { return nil }
    return IDTexts(queries: queries, corpus: corpus)
  }

  /// All files that the rows come from.
  var files: [String] {
    paths.flatMap { TextDataset.files(at: $0, split: split) }
      + [queries, corpus].compactMap(\.self)
  }
}
