public import Retrieval

extension Recipe {
  /// The arguments of `EmbeddingSimilarityEvaluator`; its sentences and scores are three columns of
  /// files of rows.
  public struct EmbeddingSimilarityEvaluator: Hashable, Sendable {
    /// The files, read one after the other.
    public var paths: [String] = []
    /// The columns of the first text, the second and the score; nil: the first three of the file.
    public var columns: [String]?
    /// How many rows are read at most; nil: all.
    public var limit: Int?
    /// The name that the metrics' names start with; empty: none.
    public var name = ""
    /// How many texts are embedded at a time.
    public var batchSize = 16
    /// The similarity whose correlation is the primary metric; nil: the only one, or the best.
    public var mainSimilarity: SimilarityFunction?
    /// The similarities to measure by; nil: the main one, or the model's own.
    public var similarities: [SimilarityFunction]?
    /// Accepted for the peer's sake: the terminal shows progress in any case.
    public var showsProgressBar = false
    /// Whether a CSV file of the metrics is written.
    public var writesCSV = true
    /// How embeddings are quantized; nil: they are not.
    public var precision: String?
    /// The length to which embeddings are cut; nil: whole.
    public var truncateDim: Int?
    /// The text put before each text; nil: the model's default prompt.
    public var prompt: String?

    package init() {}
  }
}

extension Recipe.EmbeddingSimilarityEvaluator: RecipeBlock {
  static let fields: [Field<Self>] = [
    Field("name", \.name, .text),
    Field("path", \.paths, .oneOrMore(.path), isRequired: true),
    Field("columns", \.columns, .optional(.list(of: .path, atLeast: 1))),
    Field("limit", \.limit, .optional(.integer(atLeast: 2))),
    Field("batch_size", \.batchSize, .integer(atLeast: 1)),
    Field("main_similarity", \.mainSimilarity, .optional(.choice)),
    Field("similarity_fn_names", \.similarities, .optional(.similarities)),
    Field("show_progress_bar", \.showsProgressBar, .flag),
    Field("write_csv", \.writesCSV, .flag),
    Field("precision", \.precision, .optional(.path)),
    Field("truncate_dim", \.truncateDim, .optional(.integer(atLeast: 1))),
    Field("prompt", \.prompt, .optional(.text)),
  ]

  mutating func settle(at path: FieldPath) throws {
    if let columns, columns.count != 3 || Set(columns).count != 3 {
      throw RecipeError(
        .conflict, "expected three columns: two of texts and one of scores",
        at: path.member("columns"))
    }
    if let precision {
      throw RecipeError(
        .unsupported, "\"\(precision)\" is not supported (only null): remove it",
        at: path.member("precision"))
    }
    try SimilarityFunction.check(mainSimilarity, among: &similarities, at: path, "main_similarity")
  }
}
