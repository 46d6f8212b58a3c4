/// The vocabulary, and how a word is made of its tokens.
protocol Model: Sendable {
  /// How many tokens the vocabulary holds.
  var count: Int { get }
  /// The highest id in the vocabulary.
  var highestID: Int32 { get }

  func id(of token: String) -> Int32?

  /// Calls `body` with every token and its id, in no order.
  func forEachToken(_ body: (_ token: [UInt8], _ id: Int32) -> Void)

  /// Appends the ids of the words' tokens, until there are `limit` ids or more.
  func tokenize(_ words: Words, limit: Int, into ids: inout [Int32])
}

extension Field {
  /// The model that stands here, with the vocabulary if it has been read already.
  ///
  /// A new one is one more line.
  func model(vocabulary: Unigram.Vocabulary?) throws(TokenizerError) -> any Model {
    switch try modelType() {
    case "Unigram": return try Unigram(self, vocabulary: vocabulary)
    case "WordPiece": return try WordPiece(self)
    default: throw try unsupportedType(known: ["Unigram", "WordPiece"])
    }
  }

  /// The model's type, which early versions of the reference did not write.
  func modelType() throws(TokenizerError) -> String {
    if self["type"] != nil { return try type() }
    if self["max_input_chars_per_word"] != nil { return "WordPiece" }
    if self["unk_id"] != nil { return "Unigram" }
    return try type()
  }
}
