public import Tensors
public import Tokenizers

/// All that a model's directory says but for the weights: enough to turn texts into ids.
public struct ModelDescription: Sendable {
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

  /// The directory.
  public let directory: String
  /// What the model is made of.
  public let layout: ModelLayout
  /// The transformer's extents and constants.
  public let configuration: TransformerConfiguration
  /// Text to ids.
  public let tokenizer: Tokenizer
  /// How many tokens of a text count, special tokens included.
  public let maxSequenceLength: Int

  /// Reads a model directory: sentence-transformers' of any version, or transformers' own.
  ///
  /// - Parameters:
  ///   - directory: The directory.
  ///   - overrides: What to change of what it says.
  /// - Throws: ``EncoderError`` or `TokenizerError`, each naming the file.
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
    self.layout = layout
    self.configuration = configuration
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
          + "\(tokenizer.specialTokenCount + 1) to \(longest) tokens; "
          + "\(override == nil ? "set it" : "change it, or leave it out")", path: absolute(path),
        field: "max_position_embeddings")
    }
    return wanted
  }

  /// The width of an embedding.
  public var dimension: Int { configuration.width }
}

extension ModelDescription {
  /// The ids of texts, each with the prompt in front.
  ///
  /// - Parameters:
  ///   - texts: The texts.
  ///   - prompt: Put in front of each text before it is tokenized; counts in the length.
  /// - Returns: One element for each text, cut to ``maxSequenceLength``.
  public func tokenize(_ texts: [String], prompt: String = "") -> [TokenizedText] {
    let promptLength = unpooledLength(of: prompt)
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

  /// How many tokens at the start of a text pooling leaves out: those of the prompt, or none.
  package func unpooledLength(of prompt: String) -> Int {
    layout.poolsPrompt || prompt.isEmpty ? 0 : promptTokenCount(prompt)
  }

  /// How many tokens a prompt has in front of a text, without the special token behind it.
  private func promptTokenCount(_ prompt: String) -> Int {
    let ids = tokenizer.encode(prompt, maxLength: nil)
    // A text without tokens of its own shows which special token stands last, if one does.
    let last = tokenizer.encode("", maxLength: nil).last
    return ids.last == last ? ids.count - 1 : ids.count
  }
}
