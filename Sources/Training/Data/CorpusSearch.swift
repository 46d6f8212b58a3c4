public import Datasets
internal import Encoders
public import Retrieval
internal import Tensors

/// The texts of a corpus that are nearest to a query, by the embeddings of a model.
///
/// The corpus is embedded once and kept in the store, so that the next search begins at once.
public struct CorpusSearch: Sendable {
  /// What to search with.
  public struct Settings: Sendable {
    /// The model's directory.
    public var model: String
    /// Put in front of each query; nil: the model's own prompt of the name `query`.
    public var queryPrompt: String?
    /// Put in front of each text; nil: the model's own prompt of the name `document`.
    public var corpusPrompt: String?
    /// To how many dimensions embeddings are cut; nil: whole.
    public var truncateDim: Int?
    /// How many tokens of a text count; nil: the model's own.
    public var maxSequenceLength: Int?
    /// The directory that keeps embeddings.
    public var store = Recipe.Runtime().store

    /// Creates settings.
    ///
    /// - Parameter model: The model's directory.
    public init(model: String) { self.model = model }
  }

  /// What is searched.
  public let corpus: SearchableTexts
  private let encoder: SentenceEncoder
  private let prompt: String
  private let function: Recipe.ScoreFunction
  private let width: Int
  /// The texts' embeddings, `[texts, width]`, so that an inner product is the score.
  private let vectors: Tensor
  private let ranks: [Int32]

  /// Reads the model and embeds what the store lacks.
  ///
  /// - Parameters:
  ///   - settings: What to search with.
  ///   - corpus: What to search.
  ///   - observer: Is told what is done.
  /// - Throws: What reading the model and writing the store throw; ``RunError`` if the model compares
  ///   embeddings otherwise than by cosine or dot, or they are shorter than `truncateDim`.
  public init(
    _ settings: Settings, corpus: SearchableTexts,
    observer: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws {
    let model = try ModelDescription(
      directory: settings.model, overrides: .init(maxSequenceLength: settings.maxSequenceLength))
    guard let function = Recipe.ScoreFunction(rawValue: model.layout.similarity) else {
      throw RunError(
        .data,
        "the model compares embeddings by \"\(model.layout.similarity)\"; expected cosine or dot",
        place: settings.model)
    }
    width =
      try settings.truncateDim.map { try checkWidth($0, of: model.dimension, in: settings.model) }
      ?? model.dimension
    let embeddings = try DatasetClusters.embeddings(
      of: corpus.texts, model, settings.corpusPrompt ?? model.layout.prompts["document"] ?? "",
      digests: ModelDigests(), in: DatasetStore(directory: settings.store), report: observer)
    vectors = function.comparable(embeddings.truncated(to: width))
    ranks = (0..<Int32(corpus.texts.count)).map { $0 }
    encoder = try SentenceEncoder(model)
    prompt = settings.queryPrompt ?? model.layout.prompts["query"] ?? ""
    (self.corpus, self.function) = (corpus, function)
  }

  /// The nearest texts.
  ///
  /// - Parameters:
  ///   - query: The query.
  ///   - count: How many texts at most, at least 1.
  /// - Returns: The texts, nearest first; of equally near ones the first of the corpus.
  public func nearest(to query: String, count: Int) -> [RetrievalHit] {
    let found = TopK(queryCount: 1, k: count, documentRanks: ranks)
    let embedding = encoder.encode([query], prompt: prompt).truncated(to: width)
    found.add(queries: function.comparable(embedding), documents: vectors, first: 0)
    return found.hits(of: 0)
  }
}
