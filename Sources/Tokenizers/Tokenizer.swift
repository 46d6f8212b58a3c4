/// Turns texts into token ids, as the Hugging Face tokenizers library does with the same files.
///
/// A text goes through five steps: added tokens are looked for in it; what lies between them is
/// normalized, cut into words and looked up in the model's vocabulary; and special tokens go around
/// the whole.
///
///     let tokenizer = try Tokenizer(contentsOf: "models/all-MiniLM-L6-v2")
///     tokenizer.encode("Hello, world!", maxLength: 128)  // [101, 7592, 1010, 2088, 999, 102]
///
/// A tokenizer does not change after it is made: several threads may use it at once.
public struct Tokenizer: Sendable {
  /// What a text may have at most, special tokens included, by `model_max_length` in
  /// tokenizer_config.json; nil if that is absent, or so large (10^9 and more) that it means none.
  public let modelMaxLength: Int?
  /// The id of the padding token; nil if the files name none.
  public let padID: Int32?

  let normalizer: (any Normalizer)?
  let preTokenizer: (any PreTokenizer)?
  let model: any Model
  let postProcessor: PostProcessor
  let addedTokens: AddedTokens
  /// Ids back to text; nil if there is no code for what the file says.
  let decodingStep: (any Decoder)?
  /// `clean_up_tokenization_spaces`.
  let cleansUpSpaces: Bool
  /// The file it was read from.
  let path: String

  /// The highest id + 1, added tokens included.
  public var vocabularySize: Int { Int(max(model.highestID, addedTokens.highestID)) + 1 }

  /// How many special tokens go around one text.
  public var specialTokenCount: Int { postProcessor.prefix.count + postProcessor.suffix.count }

  /// The id of a token, spelt as in the vocabulary and compared byte by byte; nil if there is none.
  public func id(of token: String) -> Int32? { addedTokens.id(of: token) ?? model.id(of: token) }

  /// The ids of a text's tokens, with special tokens around them.
  ///
  /// - Parameters:
  ///   - text: Any text; an empty one gives the special tokens alone.
  ///   - maxLength: How many ids there may be, special tokens included; of a longer text the end is
  ///     cut off. Nil sets no limit. The sections `truncation` and `padding` of tokenizer.json play
  ///     no part, as in sentence-transformers.
  /// - Returns: The ids, all below ``vocabularySize``.
  /// - Precondition: `maxLength` is at least ``specialTokenCount``.
  public func encode(_ text: String, maxLength: Int?) -> [Int32] {
    precondition(
      maxLength ?? .max >= specialTokenCount,
      "encode: maxLength \(maxLength ?? 0) leaves no room for \(specialTokenCount) special tokens")
    let limit = maxLength.map { $0 - postProcessor.suffix.count } ?? .max
    var encoding = Encoding(tokenizer: self, ids: postProcessor.prefix, limit: limit)
    encoding.append(text.utf8.span)
    if encoding.ids.count > limit { encoding.ids.removeSubrange(limit...) }
    encoding.ids += postProcessor.suffix
    return encoding.ids
  }

  /// A text after the normalizer, as the words are cut from it; added tokens are not looked for.
  package func normalize(_ text: String) -> String {
    String(decoding: normalized(text.utf8.span), as: UTF8.self)
  }

  /// The words of a text that is normalized already; added tokens are not looked for.
  package func preTokenize(_ text: String) -> [String] {
    var words = Words(text: Array(text.utf8), ranges: [0..<text.utf8.count])
    preTokenizer?.split(&words)
    return words.ranges.map { String(decoding: words.text[$0], as: UTF8.self) }
  }

  fileprivate func normalized(_ text: Span<UInt8>) -> [UInt8] {
    var output: [UInt8] = []
    if let normalizer {
      normalizer.normalize(text, into: &output)
    } else {
      output.append(text, 0..<text.count)
    }
    return output
  }
}

/// The ids of one text while they are put together.
private struct Encoding {
  let tokenizer: Tokenizer
  var ids: [Int32]
  let limit: Int

  /// Looks for the added tokens that count as they are written.
  mutating func append(_ text: Span<UInt8>) {
    var finder = tokenizer.addedTokens.verbatim.pieces(of: text)
    while ids.count < limit, let piece = finder.next(in: text) {
      if let id = piece.id {
        ids.append(id)
      } else {
        appendNormalized(tokenizer.normalized(text.extracting(piece.range)))
      }
    }
  }

  /// Looks for the added tokens that count in their normalized form.
  private mutating func appendNormalized(_ text: [UInt8]) {
    guard tokenizer.addedTokens.normalized.hasTokens else { return appendWords(of: text) }
    var finder = tokenizer.addedTokens.normalized.pieces(of: text.span)
    while ids.count < limit, let piece = finder.next(in: text.span) {
      if let id = piece.id {
        ids.append(id)
      } else {
        appendWords(of: Array(text[piece.range]))
      }
    }
  }

  private mutating func appendWords(of text: [UInt8]) {
    if text.isEmpty { return }
    var words = Words(text: text, ranges: [0..<text.count])
    tokenizer.preTokenizer?.split(&words)
    tokenizer.model.tokenize(words, limit: limit, into: &ids)
  }
}
