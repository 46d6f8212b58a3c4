internal import Datasets
internal import Encoders
public import Retrieval
internal import Tensors

/// Mines hard negatives for the rows of a data set with the embeddings of a model.
///
/// The counterpart of sentence-transformers' `mine_hard_negatives` without a cross-encoder: rows with
/// the same anchor are one query with several positives, and the documents are the distinct texts of
/// a further corpus and of the positives, in this order. Embeddings are kept in the store.
public struct MiningRun: Sendable {
  /// What to mine with.
  public struct Settings: Sendable {
    /// The model's directory.
    public var model: String
    /// The column of the queries; nil: the first.
    public var anchorColumn: String?
    /// The column of their documents; nil: the second.
    public var positiveColumn: String?
    /// Put in front of each query; nil: the model's own prompt of the name `query`.
    public var queryPrompt: String?
    /// Put in front of each document; nil: the model's own prompt of the name `document`.
    public var corpusPrompt: String?
    /// Whether rows have the scores of their documents, instead of labels where those would be.
    public var outputScores = false
    /// How negatives are chosen and rows made up.
    public var mining = HardNegativeMining()
    /// The directory that keeps embeddings.
    public var store = "data/.store"

    /// Creates settings with the peer's defaults.
    ///
    /// - Parameter model: The model's directory.
    public init(model: String) { self.model = model }
  }

  private let settings: Settings
  private let pairs: DistinctPairs
  private let notes: [String]

  /// Reads the rows.
  ///
  /// - Parameters:
  ///   - settings: What to mine with.
  ///   - dataset: The rows; columns other than the two are ignored.
  ///   - corpus: Documents besides the positives.
  /// - Throws: `DatasetError`, or ``RunError`` about the columns.
  public init(
    _ settings: Settings, dataset: Recipe.Dataset, corpus: [String] = []
  ) throws {
    let data = try Self.read(dataset, settings)
    func column(_ name: String?, _ place: Int) throws -> TextColumn {
      if let name { return try data.column(named: name, in: dataset) }
      guard place < data.columns.count else {
        throw RunError(
          .data,
          "there is one column, \(data.columns[0].name); expected an anchor and a positive",
          place: dataset.paths.first)
      }
      return data.columns[place]
    }
    let anchors = try column(settings.anchorColumn, 0)
    let positives = try column(settings.positiveColumn, 1)
    try MinedDataset.checkNames(anchors.name, positives.name, settings, in: dataset)
    var notes: [String] = []
    let names = data.columns.map(\.name) + [data.labels?.name].compactMap(\.self)
    let ignored = names.filter { ![anchors.name, positives.name].contains($0) }
    if !ignored.isEmpty {
      notes.append(
        "columns besides \(anchors.name) and \(positives.name) are ignored: "
          + ignored.enumerated().filter { !ignored[..<$0].contains($1) }.map(\.element)
          .joined(separator: ", "))
    }
    pairs = DistinctPairs(anchors, positives, corpus: corpus)
    if pairs.queries.count < anchors.count {
      notes.append(
        "\(anchors.count) rows have \(pairs.queries.count) distinct queries; rows with the same "
          + "query are its positives")
    }
    if settings.mining.includePositives && settings.mining.outputFormat != .nTuple {
      notes.append("rows are n-tuples, since positives are included, and keep the ranking")
    }
    self.settings = settings
    self.notes = notes
  }

  /// The two columns if both are named, else all.
  private static func read(_ dataset: Recipe.Dataset, _ settings: Settings) throws -> TextDataset {
    var columns = dataset.columns
    if columns == nil, let anchor = settings.anchorColumn, let positive = settings.positiveColumn,
      anchor != positive
    {
      columns = [anchor, positive]
    }
    do {
      return try dataset.read(columns: columns)
    } catch let error as DatasetError
      where [.reservedColumn, .unexpectedColumn].contains(error.code)
    {
      throw RunError(.data, "\(error.description); here that is the anchor and the positive column")
    }
  }

  /// Computes the embeddings that the store lacks and mines.
  ///
  /// - Parameter observer: Is told what is done.
  /// - Returns: The rows and their statistics.
  /// - Throws: What reading the model, mining and writing the store throw; ``RunError`` if the model
  ///   compares embeddings otherwise than by cosine or dot, which are the same here.
  public func run(
    observer: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws -> MinedDataset {
    notes.forEach { observer(.notice($0)) }
    let model = try ModelDescription(directory: settings.model)
    guard ["cosine", "dot"].contains(model.layout.similarity) else {
      throw RunError(
        .data,
        "the model compares embeddings by \"\(model.layout.similarity)\"; negatives are mined by "
          + "cosine or dot", place: settings.model)
    }
    let (digests, store) = (ModelDigests(), try DatasetStore(directory: settings.store))
    func embeddings(_ column: TextColumn, _ prompt: String?, or name: String) throws -> Tensor {
      try DatasetClusters.embeddings(
        of: column, model, prompt ?? model.layout.prompts[name] ?? "", digests: digests, in: store,
        report: observer)
    }
    let documents = try embeddings(pairs.documents, settings.corpusPrompt, or: "document")
    let queries = try embeddings(pairs.queries, settings.queryPrompt, or: "query")
    let count = pairs.queries.count
    observer(.preparing(name: "mining", done: 0, of: count))
    let mined = try settings.mining.mine(
      queries: queries, corpus: documents, positives: pairs.positives
    ) { observer(.preparing(name: "mining", done: Int($0 * Double(count)), of: count)) }
    return MinedDataset(mined, pairs, settings)
  }
}

/// Queries and documents without repetition, in the order in which they first occur, as Python's
/// `dict.fromkeys` leaves them.
struct DistinctPairs: Sendable {
  let queries: TextColumn
  /// Those of the corpus, then the positives that are not among them.
  let documents: TextColumn
  /// For each query its documents, one for each of its rows.
  let positives: [[Int]]

  init(_ anchors: TextColumn, _ positives: TextColumn, corpus: [String]) {
    var (queryIDs, documentIDs): ([TextDigest: Int], [TextDigest: Int]) = ([:], [:])
    var documents = corpus.filter { text in
      documentIDs.updateIfNew(TextDigest(of: text)).isNew
    }
    var (firstRows, found): ([Int], [[Int]]) = ([], [])
    for (row, digests) in zip(anchors.textDigests(), positives.textDigests()).enumerated() {
      let (document, isNewDocument) = documentIDs.updateIfNew(digests.1)
      if isNewDocument { documents.append(positives[row]) }
      let (query, isNewQuery) = queryIDs.updateIfNew(digests.0)
      if isNewQuery {
        firstRows.append(row)
        found.append([])
      }
      found[query].append(document)
    }
    queries = TextColumn(name: anchors.name, texts: firstRows.map { anchors[$0] })
    self.documents = TextColumn(name: positives.name, texts: documents)
    self.positives = found
  }
}

extension [TextDigest: Int] {
  /// The number of a text, the next one if it is new.
  fileprivate mutating func updateIfNew(_ digest: TextDigest) -> (number: Int, isNew: Bool) {
    if let number = self[digest] { return (number, false) }
    self[digest] = count
    return (count - 1, true)
  }
}
