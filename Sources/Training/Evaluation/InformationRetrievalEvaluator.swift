internal import Datasets
public import Encoders
public import Retrieval
internal import Tensors

/// Measures how well a model finds the documents that are relevant to queries.
///
/// The counterpart of sentence-transformers' class of the same name, over a BEIR directory: equal
/// metrics from equal embeddings, checked by `InformationRetrievalReportTests`. The corpus is
/// encoded in chunks and scores exist for a block of it at a time, so that memory does not grow
/// with the number of scores.
public struct InformationRetrievalEvaluator: Sendable {
  /// What to measure and how.
  public let settings: Recipe.InformationRetrievalEvaluator
  private let queries: [String]
  /// How many queries the directory has, also those without a relevant document.
  private let queryCount: Int
  private let documents: TextColumn
  private let task: RetrievalTask

  /// Reads the queries, the documents and which belong together.
  ///
  /// - Parameter settings: What to measure, and on which directory.
  /// - Throws: `DatasetError` or `RetrievalError`.
  public init(_ settings: Recipe.InformationRetrievalEvaluator) throws {
    self.settings = settings
    let data = try BEIRDataset(contentsOf: settings.path, split: settings.split)
    task = try RetrievalTask(
      queryIDs: Array(data.queries.ids), documentIDs: Array(data.corpus.ids),
      relevant: data.relevant)
    queryCount = data.queries.count
    queries = task.queries.map { data.queries[$0].text }
    documents = data.corpus.texts
  }

  /// Measures a model.
  ///
  /// - Parameters:
  ///   - encoder: The model.
  ///   - progress: Called with how many of how many texts are encoded; what it throws is
  ///     rethrown.
  /// - Returns: The metrics.
  /// - Throws: ``RunError`` if the model has no prompt of the name the settings give, a similarity
  ///   that is neither cosine nor dot, or embeddings shorter than `truncate_dim`.
  public func evaluate(
    _ encoder: SentenceEncoder, progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> InformationRetrievalReport {
    try report(of: rankings(by: encoder, progress: progress))
  }

  /// The documents found for each query under one score function.
  public struct ScoredRankings: Sendable {
    /// The score function.
    public let function: Recipe.ScoreFunction
    /// The judged documents of each query, best first.
    public let rankings: [JudgedRanking]
  }

  /// Ranks the documents; see ``evaluate(_:progress:)``.
  ///
  /// - Parameters:
  ///   - encoder: The model.
  ///   - depth: How many documents are kept for each query at least.
  ///   - progress: Called with how many of how many texts are encoded.
  /// - Returns: The rankings of each score function.
  /// - Throws: As ``evaluate(_:progress:)``.
  public func rankings(
    by encoder: SentenceEncoder, depth: Int = 0,
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> [ScoredRankings] {
    let functions = try scoreFunctions(encoder)
    let prompts = (query: try queryPrompt(encoder), corpus: try corpusPrompt(encoder))
    let width = try settings.truncateDim.map { try encoder.checkedWidth($0) } ?? encoder.dimension
    let total = queries.count + documents.count
    let encoded = try encoder.encode(queries, prompt: prompts.query) { try progress($0, total) }
    return try rank(encoded.truncated(to: width), functions, depth: depth) { chunk, _ in
      try progress(queries.count + chunk.upperBound, total)
    } documents: { chunk in
      try encoder.encode(Array(documents[chunk]), prompt: prompts.corpus) {
        try progress(queries.count + chunk.lowerBound + $0, total)
      }.truncated(to: width)
    }
  }

  /// Ranks the documents by vectors that are at hand.
  ///
  /// - Parameters:
  ///   - vectors: Those of all queries and documents of the directory, in its order.
  ///   - depth: How many documents are kept for each query at least.
  ///   - progress: Called with how many of how many vectors are read.
  /// - Returns: The rankings of each score function; by cosine if the settings name none.
  /// - Throws: ``RunError`` if there are not as many vectors as texts, or `truncate_dim` is greater
  ///   than their width; `DatasetError`.
  public func rankings(
    by vectors: VectorDirectory, depth: Int = 0,
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> [ScoredRankings] {
    try vectors.check(queries: queryCount, documents: documents.count, of: settings.path)
    let width = try vectors.width(settings.truncateDim)
    let total = queryCount + documents.count
    let all = try vectors.queries(0..<queryCount).truncated(to: width)
    let functions = settings.scoreFunctions ?? [.cosine]
    return try rank(all.gather(task.queries), functions, depth: depth) { chunk, share in
      try progress(queryCount + chunk.lowerBound + Int(share * Double(chunk.count)), total)
    } documents: { chunk in
      try progress(queryCount + chunk.lowerBound, total)
      return try vectors.documents(chunk).truncated(to: width)
    }
  }

  private func rank(
    _ queries: Tensor, _ functions: [Recipe.ScoreFunction], depth: Int,
    ranking progress: (_ chunk: Range<Int>, _ share: Double) throws -> Void,
    documents vectors: (Range<Int>) throws -> Tensor
  ) throws -> [ScoredRankings] {
    let k = max(depth, try cutoffs.largest)
    let best = functions.map { _ in
      TopK(queryCount: queries.rowCount, k: k, documentRanks: task.documentRanks)
    }
    let comparable = functions.map { $0.comparable(queries) }
    for start in stride(from: 0, to: documents.count, by: settings.corpusChunkSize) {
      let chunk = start..<min(documents.count, start + settings.corpusChunkSize)
      let block = try vectors(chunk)
      for (index, function) in functions.enumerated() {
        try best[index].add(
          queries: comparable[index], documents: function.comparable(block), first: start
        ) { try progress(chunk, (Double(index) + $0) / Double(functions.count)) }
      }
    }
    return zip(functions, best).map { function, best in
      ScoredRankings(
        function: function,
        rankings: task.judgments.indices.map {
          JudgedRanking(best.hits(of: $0), by: task.judgments[$0])
        })
    }
  }

  /// The metrics of rankings.
  ///
  /// - Parameter rankings: What ``rankings(by:depth:progress:)`` returned.
  /// - Returns: The metrics under each score function.
  /// - Throws: `RetrievalError` if a list of cutoffs is not valid.
  public func report(of rankings: [ScoredRankings]) throws -> InformationRetrievalReport {
    let cutoffs = try self.cutoffs
    return InformationRetrievalReport(
      name: settings.name,
      scores: rankings.map {
        .init(
          name: $0.function.rawValue,
          metrics: InformationRetrievalMetrics(of: $0.rankings, at: cutoffs))
      }, mainScore: settings.mainScoreFunction?.rawValue)
  }
}

extension InformationRetrievalEvaluator {
  /// The names of the metrics that a model's evaluation has.
  ///
  /// - Throws: ``RunError`` as ``evaluate(_:progress:)``.
  package func metricNames(_ encoder: SentenceEncoder) throws -> [String] {
    try check(encoder)
    return InformationRetrievalReport.names(
      name: settings.name, scores: try scoreFunctions(encoder).map(\.rawValue), at: try cutoffs)
  }

  /// Checks before a run what an evaluation would find out.
  ///
  /// - Throws: ``RunError`` as ``evaluate(_:progress:)``.
  private func check(_ encoder: SentenceEncoder) throws {
    _ = try (scoreFunctions(encoder), queryPrompt(encoder), corpusPrompt(encoder), cutoffs)
    _ = try settings.truncateDim.map { try encoder.checkedWidth($0) }
  }

  private var cutoffs: InformationRetrievalCutoffs {
    get throws {
      try InformationRetrievalCutoffs(
        accuracy: settings.accuracyAtK, precisionRecall: settings.precisionRecallAtK,
        mrr: settings.mrrAtK, ndcg: settings.ndcgAtK, map: settings.mapAtK)
    }
  }

  private func scoreFunctions(_ encoder: SentenceEncoder) throws -> [Recipe.ScoreFunction] {
    if let functions = settings.scoreFunctions { return functions }
    guard let function = Recipe.ScoreFunction(rawValue: encoder.layout.similarity) else {
      throw RunError(
        .data,
        "the model compares embeddings by \"\(encoder.layout.similarity)\", which is not supported;"
          + " name score_functions in the evaluator: cosine, dot", place: encoder.directory)
    }
    return [function]
  }

  /// As 6.2's `encode_query`: the prompt named "query", which is empty if the model has none.
  private func queryPrompt(_ encoder: SentenceEncoder) throws -> String {
    if let prompt = settings.queryPrompt { return prompt }
    return try prompt(settings.queryPromptName, "query_prompt_name", or: "query", encoder)
  }

  /// As 6.2's `encode_document`: the prompt named "document", which is empty if the model has none,
  /// even where it has one named "passage".
  private func corpusPrompt(_ encoder: SentenceEncoder) throws -> String {
    if let prompt = settings.corpusPrompt { return prompt }
    return try prompt(settings.corpusPromptName, "corpus_prompt_name", or: "document", encoder)
  }

  private func prompt(
    _ name: String?, _ field: String, or fallback: String, _ encoder: SentenceEncoder
  ) throws -> String {
    guard let name else { return encoder.layout.prompts[fallback] ?? "" }
    if let prompt = encoder.layout.prompts[name] { return prompt }
    let known = encoder.layout.prompts.keys.sorted().joined(separator: ", ")
    throw RunError(
      .data, "the model has no prompt \"\(name)\"; it has: \(known.isEmpty ? "none" : known)",
      place: field)
  }
}

extension Recipe.ScoreFunction {
  /// Embeddings whose inner product is the score.
  func comparable(_ embeddings: Tensor) -> Tensor {
    switch self {
    case .cosine: return embeddings.normalizedRows().rows
    case .dot: return embeddings
    }
  }
}
