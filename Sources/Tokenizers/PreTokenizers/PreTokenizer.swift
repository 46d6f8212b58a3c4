/// A step that cuts a normalized text into words; no token reaches across two words.
protocol PreTokenizer: Sendable {
  /// Cuts each of the words further.
  func split(_ words: inout Words)
}

extension Field {
  /// The pre-tokenizer that stands here.
  ///
  /// A new one is one more line.
  func preTokenizer() throws(TokenizerError) -> any PreTokenizer {
    switch try type() {
    case "BertPreTokenizer": return try BertPreTokenizer(self)
    case "Metaspace": return try Metaspace(self)
    case "Sequence": return try PreTokenizerSequence(self)
    case "WhitespaceSplit": return try WhitespaceSplit(self)
    default:
      throw try unsupportedType(known: [
        "BertPreTokenizer", "Metaspace", "Sequence", "WhitespaceSplit",
      ])
    }
  }
}
