internal import Checkpoints
public import Tensors
public import Tokenizers

/// A text-embedding model: a tokenizer, a transformer, and what makes one vector of its output.
///
/// What sentence-transformers calls a `SentenceTransformer`.
public final class SentenceEncoder: Sendable {
  /// What to change of what the directory says.
  public struct Overrides: Hashable, Sendable {
    /// The number of tokens of a text that count, special tokens included.
    public var maxSequenceLength: Int?
    /// Both dropout probabilities.
    public var dropout: Double?
    /// How the tokens become one vector.
    public var pooling: PoolingMode?
    /// Whether the embeddings are scaled to length 1.
    public var normalizes: Bool?

    /// Creates overrides; nil leaves what the directory says.
    ///
    /// - Parameters:
    ///   - maxSequenceLength: The number of tokens of a text that count.
    ///   - dropout: Both dropout probabilities.
    ///   - pooling: How the tokens become one vector.
    ///   - normalizes: Whether the embeddings are scaled to length 1.
    public init(
      maxSequenceLength: Int? = nil, dropout: Double? = nil, pooling: PoolingMode? = nil,
      normalizes: Bool? = nil
    ) {
      self.maxSequenceLength = maxSequenceLength
      self.dropout = dropout
      self.pooling = pooling
      self.normalizes = normalizes
    }
  }

  /// The directory the model was read from.
  public let directory: String
  /// What the model is made of.
  public let layout: ModelLayout
  /// Text to ids.
  public let tokenizer: Tokenizer
  /// Ids to hidden states.
  public let model: BertModel
  /// How many tokens of a text count, special tokens included.
  public let maxSequenceLength: Int
  /// Tensors of the checkpoint that the model does not use.
  let carriedThrough: [(name: String, tensor: TensorView)]

  /// Reads a model directory: sentence-transformers' of any version, or transformers' own.
  ///
  /// - Parameters:
  ///   - directory: The directory.
  ///   - overrides: What to change of what it says.
  /// - Throws: ``EncoderError``, `TokenizerError` or `CheckpointError`, each naming the file.
  public init(directory: String, overrides: Overrides = .init()) throws {
    var layout = try ModelLayout(directory: directory)
    layout.pooling = overrides.pooling ?? layout.pooling
    layout.normalizes = overrides.normalizes ?? layout.normalizes
    let folder = layout.transformerDirectory(in: directory)
    let file = try ConfigurationFile(contentsOf: folder + "/config.json")
    var configuration = try TransformerConfiguration(file)
    if let dropout = overrides.dropout {
      configuration.hiddenDropout = dropout
      configuration.attentionDropout = dropout
    }
    tokenizer = try Tokenizer(contentsOf: folder, lowercase: layout.lowerCases)
    guard tokenizer.vocabularySize <= configuration.vocabularySize else {
      throw EncoderError(
        .malformed,
        "the tokenizer has ids up to \(tokenizer.vocabularySize - 1), but there are "
          + "\(configuration.vocabularySize) embeddings", path: file.path, field: "vocab_size")
    }
    maxSequenceLength = try Self.sequenceLength(
      overrides.maxSequenceLength, layout, tokenizer, configuration, file.path)
    layout.maxSequenceLength = maxSequenceLength
    var table = try ParameterTable(directory: folder, configuration: configuration)
    model = try BertModel(configuration, from: &table)
    carriedThrough = table.carriedThrough
    self.layout = layout
    self.directory = directory
  }

  private static func sequenceLength(
    _ override: Int?, _ layout: ModelLayout, _ tokenizer: Tokenizer,
    _ configuration: TransformerConfiguration, _ path: String
  ) throws -> Int {
    let longest = configuration.longestSequence
    let wanted =
      override ?? layout.maxSequenceLength ?? min(tokenizer.modelMaxLength ?? longest, longest)
    guard wanted <= longest, wanted > tokenizer.specialTokenCount else {
      throw EncoderError(
        .malformed,
        "max_seq_length \(wanted) does not fit: the model has positions for "
          + "\(tokenizer.specialTokenCount + 1) to \(longest) tokens", path: absolute(path),
        field: "max_position_embeddings")
    }
    return wanted
  }

  /// The width of an embedding.
  public var dimension: Int { model.configuration.width }
}

extension SentenceEncoder {
  /// The ids of texts, each with the prompt in front.
  ///
  /// - Parameters:
  ///   - texts: The texts.
  ///   - prompt: Put in front of each text before it is tokenized; counts in the length.
  /// - Returns: One element for each text, cut to ``maxSequenceLength``.
  public func tokenize(_ texts: [String], prompt: String = "") -> [TokenizedText] {
    let promptLength = layout.poolsPrompt || prompt.isEmpty ? 0 : promptTokenCount(prompt)
    return [TokenizedText](unsafeUninitializedCapacity: texts.count) { buffer, count in
      nonisolated(unsafe) let target = buffer.baseAddress
      WorkerPool.forEachBlock(of: texts.count, size: 32) { block in
        for index in block {
          let ids = tokenizer.encode(prompt + texts[index], maxLength: maxSequenceLength)
          (target! + index).initialize(
            to: TokenizedText(ids: ids, promptLength: min(promptLength, ids.count - 1)))
        }
      }
      count = texts.count
    }
  }

  /// How many tokens a prompt has in front of a text, without the special token behind it.
  private func promptTokenCount(_ prompt: String) -> Int {
    let ids = tokenizer.encode(prompt, maxLength: nil)
    // A text without tokens of its own shows which special token stands last, if one does.
    let last = tokenizer.encode("", maxLength: nil).last
    return ids.last == last ? ids.count - 1 : ids.count
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
  public static let tokensPerBatch = 8192

  /// The embeddings of texts.
  ///
  /// - Parameters:
  ///   - texts: The texts.
  ///   - prompt: Put in front of each.
  ///   - tokensPerBatch: How many tokens are computed at a time; memory grows with it.
  ///   - progress: Called now and then with how many texts are done.
  /// - Returns: `[texts, dimension]`.
  public func encode(
    _ texts: [String], prompt: String = "", tokensPerBatch: Int = SentenceEncoder.tokensPerBatch,
    progress: (Int) -> Void = { _ in }
  ) -> Tensor {
    encode(tokenize(texts, prompt: prompt), tokensPerBatch: tokensPerBatch, progress: progress)
  }

  /// The embeddings of tokenized texts.
  ///
  /// - Parameters:
  ///   - texts: The texts' ids.
  ///   - tokensPerBatch: How many tokens are computed at a time.
  ///   - progress: Called now and then with how many texts are done.
  /// - Returns: `[texts, dimension]`.
  public func encode(
    _ texts: [TokenizedText], tokensPerBatch: Int = SentenceEncoder.tokensPerBatch,
    progress: (Int) -> Void = { _ in }
  ) -> Tensor {
    let groups = TokenBudget.groups(lengths: texts.map(\.ids.count), tokens: tokensPerBatch)
    var done = 0
    var result = Tensor([texts.count, dimension]) { _ in }
    for group in groups {
      let batch = TokenBatch(group.map { texts[$0] })
      let tape = Tape(isRecording: false)
      result.scatter(embeddings(batch, tape: tape, dropout: nil).value, to: group)
      done += group.count
      progress(done)
    }
    return result
  }
}
