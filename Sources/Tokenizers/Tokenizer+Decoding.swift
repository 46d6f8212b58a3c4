extension Tokenizer {
  /// Every token by its id, added tokens included, as bytes; nil where an id has no token.
  ///
  /// Takes a walk over the whole vocabulary: a fifth of a second for 250,000 tokens.
  public func vocabulary() -> [[UInt8]?] {
    var tokens = [[UInt8]?](repeating: nil, count: vocabularySize)
    model.forEachToken { token, id in tokens[Int(id)] = token }
    addedTokens.forEach { token, id in tokens[Int(id)] = token }
    return tokens
  }

  /// What turns ids back into text, as the Hugging Face libraries do.
  ///
  /// - Throws: ``TokenizerError`` if tokenizer.json names a decoder that there is no code for.
  public func decoder() throws(TokenizerError) -> TokenDecoder {
    guard let decodingStep else {
      throw TokenizerError(
        code: .unsupported,
        message: "there is no code for this decoder; supported here: Metaspace, WordPiece",
        path: path, field: "decoder.type")
    }
    return TokenDecoder(
      tokens: vocabulary(), special: addedTokens.special, decoder: decodingStep,
      cleansUp: cleansUpSpaces)
  }
}

/// Ids to text, the way back from ``Tokenizer/encode(_:maxLength:)``; what the normalizer changed
/// stays changed.
public struct TokenDecoder: Sendable {
  fileprivate let tokens: [[UInt8]?]
  fileprivate let special: Set<Int32>
  fileprivate let decoder: any Decoder
  fileprivate let cleansUp: Bool

  /// The text that ids stand for: transformers' `decode`.
  ///
  /// - Parameters:
  ///   - ids: Ids below the vocabulary's size; one without a token is left out.
  ///   - skipsSpecialTokens: Whether special tokens are left out.
  /// - Returns: The text.
  public func text(of ids: some Sequence<Int32>, skipsSpecialTokens: Bool = true) -> String {
    var text: [UInt8] = []
    var isFirst = true
    for id in ids where !(skipsSpecialTokens && special.contains(id)) {
      guard tokens.indices.contains(Int(id)), let token = tokens[Int(id)] else { continue }
      decoder.append(token, isFirst: isFirst, to: &text)
      isFirst = false
    }
    return String(decoding: cleansUp ? Cleanup.ofText(text) : text, as: UTF8.self)
  }
}
