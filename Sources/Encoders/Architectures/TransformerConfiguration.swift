internal import JSONValues

/// The extents and constants of a BERT-like encoder: what `config.json` says of it.
public struct TransformerConfiguration: Hashable, Sendable {
  /// How position ids are counted; this is what tells the model types apart.
  public enum Positions: Hashable, Sendable {
    /// 0, 1, 2, …: BERT.
    case fromZero
    /// From the padding token's id + 1 on, counted over tokens that are not the padding token; one
    /// that is, which a text can spell out, has the padding token's id: RoBERTa.
    case afterPadding(id: Int32)
  }

  /// `model_type`.
  public let modelType: String
  /// The prefix under which checkpoints of the model with a head on it store the encoder.
  public let prefix: String
  /// How position ids are counted.
  public let positions: Positions
  /// `vocab_size`: rows of the table of word embeddings.
  public let vocabularySize: Int
  /// `hidden_size`.
  public let width: Int
  /// `num_hidden_layers`.
  public let layerCount: Int
  /// `num_attention_heads`.
  public let headCount: Int
  /// `intermediate_size`: the width inside the feed-forward part.
  public let intermediateWidth: Int
  /// `max_position_embeddings`: rows of the table of positions.
  public let positionCount: Int
  /// `type_vocab_size`.
  public let typeCount: Int
  /// `pad_token_id`: the row of the word embeddings that does not learn, PyTorch's `padding_idx`.
  ///
  /// It need not be the tokenizer's: multilingual-e5-small says 0, which its tokenizer calls `<s>`.
  public let paddingWord: Int32?
  /// `layer_norm_eps`.
  public let epsilon: Double
  /// `hidden_dropout_prob`.
  public var hiddenDropout: Double
  /// `attention_probs_dropout_prob`.
  public var attentionDropout: Double

  /// How many tokens a text may have.
  public var longestSequence: Int {
    switch positions {
    case .fromZero: return positionCount
    case .afterPadding(let id): return positionCount - Int(id) - 1
    }
  }

  /// The row of the table of positions that does not learn.
  public var paddingPosition: Int32? {
    if case .afterPadding(let id) = positions { id } else { nil }
  }

  /// The model types there is code for: the prefix of their checkpoints with a head, whether
  /// positions start after the padding token's id, and what that is if `config.json` does not say.
  private static let modelTypes:
    [String: (prefix: String, startsAfterPadding: Bool, padding: Int)] = [
      "bert": ("bert", false, 0), "xlm-roberta": ("roberta", true, 1),
    ]

  /// Reads `config.json`; absent fields have the defaults of transformers' `BertConfig`.
  ///
  /// - Throws: ``EncoderError`` that names the field and the value that is not supported.
  init(_ file: ConfigurationFile) throws {
    guard let modelType = try file.string(ifPresent: "model_type") else {
      throw EncoderError(.missing, "is missing", path: file.path, field: "model_type")
    }
    guard let known = Self.modelTypes[modelType] else {
      throw EncoderError(
        .unsupported,
        "there is no code for \"\(modelType)\"; supported: \(Self.modelTypes.keys.sorted().joined(separator: ", "))",
        path: file.path, field: "model_type")
    }
    try file.require("hidden_act", oneOf: ["gelu"])
    try file.require("position_embedding_type", oneOf: ["absolute"])
    try file.require("is_decoder", oneOf: [false])
    try file.require("add_cross_attention", oneOf: [false])
    try file.require("pruned_heads", oneOf: [[:]])
    self.modelType = modelType
    prefix = known.prefix
    vocabularySize = try file.integer("vocab_size")
    // Absent is the default, null is no such row.
    let padding: Int? =
      file.saysNull("pad_token_id")
      ? nil : try file.integer(ifPresent: "pad_token_id") ?? known.padding
    if let padding, padding >= vocabularySize {
      throw EncoderError(
        .malformed, "\(padding) is not below vocab_size \(vocabularySize)", path: file.path,
        field: "pad_token_id")
    }
    paddingWord = padding.map { Int32($0) }
    if known.startsAfterPadding {
      guard let paddingWord else {
        throw EncoderError(
          .missing, "is null, but \(modelType) counts positions from it", path: file.path,
          field: "pad_token_id")
      }
      positions = .afterPadding(id: paddingWord)
    } else {
      positions = .fromZero
    }
    width = try file.integer("hidden_size")
    layerCount = try file.integer("num_hidden_layers")
    headCount = try file.integer("num_attention_heads")
    intermediateWidth = try file.integer("intermediate_size")
    positionCount = try file.integer("max_position_embeddings")
    typeCount = try file.integer(ifPresent: "type_vocab_size", minimum: 1) ?? 2
    epsilon = try file.number(ifPresent: "layer_norm_eps") ?? 1e-12
    hiddenDropout = try file.probability("hidden_dropout_prob")
    attentionDropout = try file.probability("attention_probs_dropout_prob")
    guard longestSequence >= 1 else {
      throw EncoderError(
        .malformed, "\(positionCount) positions leave none after the padding token's id",
        path: file.path, field: "max_position_embeddings")
    }
    guard width % headCount == 0 else {
      throw EncoderError(
        .malformed, "\(headCount) heads do not divide hidden_size \(width)", path: file.path,
        field: "num_attention_heads")
    }
  }
}

extension ConfigurationFile {
  /// A probability below 1; 0.1 if absent.
  fileprivate func probability(_ field: String) throws -> Double {
    let value = try number(ifPresent: field) ?? 0.1
    guard (0..<1).contains(value) else {
      throw EncoderError(
        .malformed, "expected a number from 0 to below 1, found \(value)", path: path, field: field)
    }
    return value
  }
}
