extension Recipe {
  /// An evaluator of sentence-transformers by its class name, with its constructor's arguments.
  public enum Evaluator: Hashable, Sendable {
    /// `InformationRetrievalEvaluator`.
    case informationRetrieval(InformationRetrievalEvaluator)
    /// `TripletEvaluator`.
    case triplet(TripletEvaluator)
    /// `EmbeddingSimilarityEvaluator`.
    case embeddingSimilarity(EmbeddingSimilarityEvaluator)
  }

  /// The arguments of `InformationRetrievalEvaluator`; its queries and corpus are a BEIR directory.
  public struct InformationRetrievalEvaluator: Hashable, Sendable {
    /// The BEIR directory.
    public var path = ""
    /// Which of the files `qrels/<split>.tsv` says what is relevant.
    public var split = "test"
    /// The name that the metrics' names start with; empty: none.
    public var name = ""
    /// How many texts of the corpus are embedded and scored at a time.
    public var corpusChunkSize = 50_000
    /// The ranks at which each metric is taken.
    public var mrrAtK = [10]
    /// The ranks for NDCG.
    public var ndcgAtK = [10]
    /// The ranks for accuracy.
    public var accuracyAtK = [1, 3, 5, 10]
    /// The ranks for precision and recall.
    public var precisionRecallAtK = [1, 3, 5, 10]
    /// The ranks for MAP.
    public var mapAtK = [100]
    /// Accepted for the peer's sake: the terminal shows progress in any case.
    public var showsProgressBar = false
    /// How many texts are embedded at a time.
    public var batchSize = 32
    /// Whether a CSV file of the metrics is written.
    public var writesCSV = true
    /// The length to which embeddings are cut; nil: whole.
    public var truncateDim: Int?
    /// The similarities by which to rank; nil: the model's own.
    public var scoreFunctions: [ScoreFunction]?
    /// The similarity whose NDCG is the primary metric; nil: the best of all.
    public var mainScoreFunction: ScoreFunction?
    /// The text put before each query.
    public var queryPrompt: String?
    /// The model's prompt to put before each query.
    public var queryPromptName: String?
    /// The text put before each text of the corpus.
    public var corpusPrompt: String?
    /// The model's prompt to put before each text of the corpus.
    public var corpusPromptName: String?
    /// Whether a JSONL file of the rankings is written.
    public var writesPredictions = false

    package init() {}
  }

  /// A similarity by which an evaluator ranks.
  public enum ScoreFunction: String, CaseIterable, Hashable, Sendable {
    /// The cosine of the angle between two embeddings.
    case cosine
    /// The dot product of two embeddings.
    case dot
  }
}

extension Recipe.Evaluator {
  /// A new evaluator is a case above and an entry here.
  static var kind: ValueKind<Self> {
    .tagged(
      by: "type",
      [
        TaggedBlock(
          "InformationRetrievalEvaluator", { .informationRetrieval($0) },
          { if case .informationRetrieval(let evaluator) = $0 { evaluator } else { nil } }),
        TaggedBlock(
          "TripletEvaluator", { .triplet($0) },
          { if case .triplet(let evaluator) = $0 { evaluator } else { nil } }),
        TaggedBlock(
          "EmbeddingSimilarityEvaluator", { .embeddingSimilarity($0) },
          { if case .embeddingSimilarity(let evaluator) = $0 { evaluator } else { nil } }),
      ])
  }

  /// The name that the metrics' names start with; empty: none.
  var name: String {
    switch self {
    case .informationRetrieval(let evaluator): evaluator.name
    case .triplet(let evaluator): evaluator.name
    case .embeddingSimilarity(let evaluator): evaluator.name
    }
  }
}

extension Recipe.InformationRetrievalEvaluator: RecipeBlock {
  static let fields: [Field<Self>] = [
    Field("name", \.name, .text),
    Field("path", \.path, .path, isRequired: true),
    Field("split", \.split, .path),
    Field("corpus_chunk_size", \.corpusChunkSize, .integer(atLeast: 1)),
    Field("mrr_at_k", \.mrrAtK, .ranks),
    Field("ndcg_at_k", \.ndcgAtK, .ranks),
    Field("accuracy_at_k", \.accuracyAtK, .ranks),
    Field("precision_recall_at_k", \.precisionRecallAtK, .ranks),
    Field("map_at_k", \.mapAtK, .ranks),
    Field("show_progress_bar", \.showsProgressBar, .flag),
    Field("batch_size", \.batchSize, .integer(atLeast: 1)),
    Field("write_csv", \.writesCSV, .flag),
    Field("truncate_dim", \.truncateDim, .optional(.integer(atLeast: 1))),
    Field("score_functions", \.scoreFunctions, .optional(.list(of: .choice, atLeast: 1))),
    Field("main_score_function", \.mainScoreFunction, .optional(.choice)),
    Field("query_prompt", \.queryPrompt, .optional(.text)),
    Field("query_prompt_name", \.queryPromptName, .optional(.path)),
    Field("corpus_prompt", \.corpusPrompt, .optional(.text)),
    Field("corpus_prompt_name", \.corpusPromptName, .optional(.path)),
    Field("write_predictions", \.writesPredictions, .flag),
  ]

  mutating func settle(at path: FieldPath) throws {
    for (prompt, promptName, role) in [
      (queryPrompt, queryPromptName, "query"), (corpusPrompt, corpusPromptName, "corpus"),
    ] where prompt != nil && promptName != nil {
      throw RecipeError(
        .conflict, "\(role)_prompt and \(role)_prompt_name exclude each other; keep one",
        at: path.member("\(role)_prompt_name"))
    }
    if let mainScoreFunction, let scoreFunctions, !scoreFunctions.contains(mainScoreFunction) {
      throw RecipeError(
        .conflict, "\"\(mainScoreFunction.rawValue)\" is not among the score_functions",
        at: path.member("main_score_function"))
    }
  }
}

extension ValueKind<[Int]> {
  /// Ranks at which a metric is taken.
  fileprivate static var ranks: Self { .list(of: .integer(atLeast: 1), atLeast: 1) }
}
