package import Checkpoints
public import Tensors
public import Tokenizers

/// A text-embedding model: a tokenizer, a transformer, and what makes one vector of its output.
///
/// What sentence-transformers calls a `SentenceTransformer`.
public final class SentenceEncoder: Sendable {
  /// What to change of what the directory says.
  public typealias Overrides = ModelDescription.Overrides

  /// What the directory says.
  public let description: ModelDescription
  /// Ids to hidden states.
  public let model: BertModel
  /// The digests of the files that the weights were read from, by their absolute paths; none unless
  /// they were asked for.
  package let weightDigests: [String: FileDigest]
  /// Tensors of the checkpoint that the model does not use.
  let carriedThrough: [(name: String, tensor: TensorView)]

  /// Reads a model directory: sentence-transformers' of any version, or transformers' own.
  ///
  /// - Parameters:
  ///   - directory: The directory.
  ///   - overrides: What to change of what it says.
  /// - Throws: ``EncoderError``, `TokenizerError` or `CheckpointError`, each naming the file.
  public convenience init(directory: String, overrides: Overrides = .init()) throws {
    try self.init(ModelDescription(directory: directory, overrides: overrides))
  }

  /// Reads the weights of a model.
  ///
  /// - Parameter description: What its directory says.
  /// - Throws: ``EncoderError`` or `CheckpointError`, each naming the file.
  public convenience init(_ description: ModelDescription) throws {
    try self.init(description, hashes: false)
  }

  /// Reads the weights of a model, and takes the digests of their files on the way if `hashes`.
  package init(_ description: ModelDescription, hashes: Bool) throws {
    let folder = description.layout.transformerDirectory(in: description.directory)
    var table = try ParameterTable(directory: folder, configuration: description.configuration)
    model = try BertModel(description.configuration, from: &table)
    weightDigests = try table.read(hashes: hashes)
    carriedThrough = table.carriedThrough
    self.description = description
  }

  /// The directory the model was read from.
  public var directory: String { description.directory }
  /// What the model is made of.
  public var layout: ModelLayout { description.layout }
  /// Text to ids.
  public var tokenizer: Tokenizer { description.tokenizer }
  /// How many tokens of a text count, special tokens included.
  public var maxSequenceLength: Int { description.maxSequenceLength }
  /// The width of an embedding.
  public var dimension: Int { description.dimension }
}

extension SentenceEncoder {
  /// The ids of texts; see ``ModelDescription/tokenize(_:prompt:)``.
  public func tokenize(_ texts: [String], prompt: String = "") -> [TokenizedText] {
    description.tokenize(texts, prompt: prompt)
  }

  /// The embeddings of a batch.
  ///
  /// - Parameters:
  ///   - tokens: The batch.
  ///   - tape: Records the computation, or not.
  ///   - dropout: The step's key; nil for no dropout, as in evaluation.
  /// - Returns: `[texts, dimension]`.
  public func embeddings(_ tokens: TokenBatch, tape: Tape, dropout: DropoutKey?) -> Variable {
    let states = model.hiddenStates(tokens, tape: tape, dropout: dropout)
    let pooled = tape.pooling(
      states, mode: layout.pooling, packing: tokens.packing, skipping: tokens.promptLengths)
    return layout.normalizes ? tape.normalize(pooled) : pooled
  }

  /// How many tokens ``encode(_:prompt:tokensPerBatch:progress:)`` computes at a time.
  public static let tokensPerBatch = 2048

  /// The embeddings of texts.
  ///
  /// - Parameters:
  ///   - texts: The texts.
  ///   - prompt: Put in front of each.
  ///   - tokensPerBatch: How many tokens are computed at a time; memory grows with it.
  ///   - precision: How activations are stored and products are computed.
  ///   - progress: Called now and then with how many texts are done; what it throws is rethrown.
  /// - Returns: `[texts, dimension]`.
  /// - Throws: What `progress` throws, or that another process that helps has failed.
  public func encode(
    _ texts: [String], prompt: String = "", tokensPerBatch: Int = SentenceEncoder.tokensPerBatch,
    precision: ElementType = .fp32, progress: (Int) throws -> Void
  ) throws -> Tensor {
    try encode(
      tokenize(texts, prompt: prompt), tokensPerBatch: tokensPerBatch, precision: precision,
      progress: progress)
  }

  /// The embeddings of tokenized texts.
  ///
  /// - Parameters:
  ///   - texts: The texts' ids.
  ///   - tokensPerBatch: How many tokens are computed at a time.
  ///   - precision: How activations are stored and products are computed.
  ///   - progress: Called now and then with how many texts are done; what it throws is rethrown.
  /// - Returns: `[texts, dimension]`.
  /// - Throws: What `progress` throws, or that another process that helps has failed.
  public func encode(
    _ texts: [TokenizedText], tokensPerBatch: Int = SentenceEncoder.tokensPerBatch,
    precision: ElementType = .fp32, progress: (Int) throws -> Void
  ) throws -> Tensor {
    guard let share = Self.share else {
      return try encodeHere(
        texts, tokensPerBatch: tokensPerBatch, precision: precision, progress: progress)
    }
    return try share.encode(
      texts, by: self, tokensPerBatch: tokensPerBatch, precision: precision, progress: progress)
  }

  /// The embeddings of tokenized texts, all of them computed by this process.
  package func encodeHere(
    _ texts: [TokenizedText], tokensPerBatch: Int, precision: ElementType,
    progress: (Int) throws -> Void
  ) rethrows -> Tensor {
    let groups = TokenBudget.groups(lengths: texts.map(\.ids.count), tokens: tokensPerBatch)
    var done = 0
    var result = Tensor([texts.count, dimension]) { _ in }
    for group in groups {
      let batch = TokenBatch(group.map { texts[$0] })
      let tape = Tape(isRecording: false, precision: precision)
      result.scatter(embeddings(batch, tape: tape, dropout: nil).value, to: group)
      done += group.count
      try progress(done)
    }
    return result
  }

  /// The embeddings of texts, computed by this process without a word on the way.
  public func encode(
    _ texts: [String], prompt: String = "", tokensPerBatch: Int = SentenceEncoder.tokensPerBatch
  ) -> Tensor {
    encode(tokenize(texts, prompt: prompt), tokensPerBatch: tokensPerBatch)
  }

  /// The embeddings of tokenized texts, computed by this process without a word on the way.
  public func encode(
    _ texts: [TokenizedText], tokensPerBatch: Int = SentenceEncoder.tokensPerBatch
  ) -> Tensor {
    encodeHere(texts, tokensPerBatch: tokensPerBatch, precision: .fp32) { _ in }
  }
}
