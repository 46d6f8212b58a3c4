internal import Datasets
internal import Encoders
internal import Tensors

/// The embeddings of texts by one model that is not trained, each computed once and kept in the
/// store for all data sets and runs.
struct StoredEmbeddings {
  /// What a text is known by.
  enum Input {
    /// The text itself.
    case text
    /// The token ids of another model, which are read as they are or turned back into text.
    case studentTokens(tokenizerDigest: String)
  }

  /// The model.
  let model: ModelDescription
  private var store: EmbeddingStore
  private let report: (TrainingEvent) -> Void

  /// How many embeddings wait at most until they are written: a run that is killed loses these.
  private static let rowsPerWrite = 16_384
  /// How long they wait at most.
  private static let timePerWrite = Duration.seconds(60)
  /// How many texts are tokenized and sorted by length at a time.
  private static let textsPerBlock = 4096

  /// Opens the store.
  ///
  /// - Parameters:
  ///   - model: The model; its weights are read only if an embedding is missing.
  ///   - modelDigest: Tells the model from others.
  ///   - input: What texts are known by.
  ///   - prompt: What stands in front of each text.
  ///   - store: Where embeddings are kept.
  ///   - report: Is told what is done.
  /// - Throws: `DatasetError`.
  init(
    _ model: ModelDescription, modelDigest: String, input: Input, prompt: String,
    in store: DatasetStore, report: @escaping (TrainingEvent) -> Void
  ) throws {
    var (kind, tokenizer) = ("text", "")
    if case .studentTokens(let digest) = input { (kind, tokenizer) = ("student_tokens", digest) }
    let key = StoreKey(
      .embeddings,
      [
        "model_sha256": .text(modelDigest), "max_seq_length": .integer(model.maxSequenceLength),
        "input": .text(kind), "student_tokenizer_sha256": .text(tokenizer),
        "prompt": .text(prompt),
      ])
    self.store = try store.embeddings(for: key, dimension: model.dimension)
    self.model = model
    self.report = report
    for damage in self.store.damages {
      report(.notice("\(damage.description); its embeddings are computed anew"))
    }
  }

  /// The rows of the store in which texts stand, after what is missing has been computed.
  ///
  /// - Parameters:
  ///   - digests: The texts.
  ///   - name: What the embeddings are for.
  ///   - texts: The tokens of some of them, by their places in `digests`.
  /// - Returns: One for each text.
  /// - Throws: What reading the model and writing the store throw.
  mutating func rows(
    of digests: [TextDigest], for name: String, texts: ([Int]) -> [TokenizedText]
  ) throws -> [Int32] {
    let missing = store.missing(among: digests)
    if !missing.isEmpty { try compute(missing, of: digests, for: name, texts: texts) }
    let distinct = Set(digests).count
    report(.prepared(name: name, computed: missing.count, stored: distinct - missing.count))
    return digests.map { digest in
      guard let row = store.row(of: digest) else {
        preconditionFailure("the embedding of \(digest) was computed and is not in the store")
      }
      return Int32(row)
    }
  }

  private mutating func compute(
    _ missing: [Int], of digests: [TextDigest], for name: String,
    texts: ([Int]) -> [TokenizedText]
  ) throws {
    report(.preparing(name: name, done: 0, of: missing.count))
    let encoder = try SentenceEncoder(model)
    var (waiting, vectors): ([TextDigest], [Float]) = ([], [])
    var written = ContinuousClock.now
    for start in stride(from: 0, to: missing.count, by: Self.textsPerBlock) {
      let places = Array(missing[start..<min(start + Self.textsPerBlock, missing.count)])
      let block = try encoder.encode(texts(places)) { [report] in
        report(.preparing(name: name, done: start + $0, of: missing.count))
      }
      waiting += places.map { digests[$0] }
      vectors += block.elements
      let isLast = start + places.count == missing.count
      let isDue = waiting.count >= Self.rowsPerWrite || .now - written >= Self.timePerWrite
      if isLast || isDue {
        try vectors.withUnsafeBufferPointer { try store.append(waiting, $0) }
        waiting.removeAll(keepingCapacity: true)
        vectors.removeAll(keepingCapacity: true)
        written = .now
      }
    }
  }

  /// Embeddings by their rows in the store.
  ///
  /// - Parameter rows: As ``rows(of:for:texts:)`` says.
  /// - Returns: `[rows, dimension]`.
  func gather(_ rows: some Collection<Int32>) -> Tensor {
    let width = model.dimension
    return Tensor([rows.count, width]) { target in
      for (place, row) in rows.enumerated() {
        store.copyRow(Int(row), to: .init(start: target + place * width, count: width))
      }
    }
  }
}
