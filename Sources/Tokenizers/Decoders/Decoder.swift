/// Turns tokens back into text: the `decoder` of a tokenizer.json.
protocol Decoder: Sendable {
  /// Appends what a token stands for.
  ///
  /// - Parameters:
  ///   - token: The token as it is in the vocabulary.
  ///   - isFirst: Whether it is the first of its text.
  ///   - text: Receives the bytes.
  func append(_ token: [UInt8], isFirst: Bool, to text: inout [UInt8])
}

extension Field {
  /// The decoder that stands here; nil if there is no code for it.
  ///
  /// That is no fault of the file: decoders play no part in ids, and few runs ever use one.
  func decoder() throws(TokenizerError) -> (any Decoder)? {
    switch try type() {
    case "WordPiece":
      try allowOnly("type", "prefix", "cleanup")
      return WordPieceDecoder(
        prefix: try member("prefix").string(), cleansUp: try member("cleanup").bool())
    case "Metaspace": return try MetaspaceDecoder(self)
    default: return nil
    }
  }
}

/// Tokens with a space between them: what there is without a decoder.
struct SpaceDecoder: Decoder {
  func append(_ token: [UInt8], isFirst: Bool, to text: inout [UInt8]) {
    if !isFirst { text.append(UInt8(ascii: " ")) }
    text += token
  }
}

/// Puts a space before every token but those that continue a word.
struct WordPieceDecoder: Decoder {
  private let prefix: [UInt8]
  /// Whether punctuation and English contractions lose the space before them.
  private let cleansUp: Bool

  init(prefix: String, cleansUp: Bool) {
    self.prefix = Array(prefix.utf8)
    self.cleansUp = cleansUp
  }

  func append(_ token: [UInt8], isFirst: Bool, to text: inout [UInt8]) {
    var part = token
    if !isFirst {
      if token.starts(with: prefix) {
        part.removeFirst(prefix.count)
      } else {
        part.insert(UInt8(ascii: " "), at: 0)
      }
    }
    text += cleansUp ? Cleanup.ofToken(part) : part
  }
}

/// Turns `▁` into spaces, but for those of the first token, which was put in front of the text.
struct MetaspaceDecoder: Decoder {
  private let replacement: [UInt8]
  private let dropsFirst: Bool

  /// As XLM-RoBERTa has it.
  init(prepends: Bool) {
    replacement = Array("\u{2581}".utf8)
    dropsFirst = prepends
  }

  init(_ field: Field) throws(TokenizerError) {
    try field.allowOnly(
      "type", "replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep")
    replacement = Array(try field.member("replacement").string().utf8)
    let prepends = try field["add_prefix_space"]?.bool() ?? true
    dropsFirst =
      try field["prepend_scheme"].map { (scheme) throws(TokenizerError) in
        try scheme.string() != "never"
      } ?? prepends
  }

  func append(_ token: [UInt8], isFirst: Bool, to text: inout [UInt8]) {
    var place = 0
    while place < token.count {
      if token[place...].starts(with: replacement) {
        if !(isFirst && dropsFirst) { text.append(UInt8(ascii: " ")) }
        place += replacement.count
      } else {
        text.append(token[place])
        place += 1
      }
    }
  }
}

/// Takes away the spaces that cutting English into words put in.
enum Cleanup {
  private static let common: [(String, String)] = [
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"),
    (" 'm", "'m"),
  ]
  private static let contractions = [(" 's", "'s"), (" 've", "'ve"), (" 're", "'re")]

  /// What the WordPiece decoder of the tokenizers library does to each token.
  static func ofToken(_ token: [UInt8]) -> [UInt8] {
    // Whatever is replaced begins with a space.
    guard token.contains(UInt8(ascii: " ")) else { return token }
    return replaced(token, common + [(" do not", " don't")] + contractions)
  }

  /// What transformers does to a text, by `clean_up_tokenization_spaces`.
  static func ofText(_ text: [UInt8]) -> [UInt8] { replaced(text, common + contractions) }

  private static func replaced(_ text: [UInt8], _ pairs: [(String, String)]) -> [UInt8] {
    var text = text
    for (from, to) in pairs { text.replace(Array(from.utf8), with: Array(to.utf8)) }
    return text
  }
}
