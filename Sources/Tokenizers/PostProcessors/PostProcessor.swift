/// The special tokens that go around the tokens of a text; all supported steps come down to this.
struct PostProcessor: Hashable, Sendable {
  var prefix: [Int32] = []
  var suffix: [Int32] = []
}

extension Field {
  /// The post-processor that stands here, with `id` to check what the file says of tokens.
  ///
  /// A new one is one more line.
  func postProcessor(id: (String) -> Int32?) throws(TokenizerError) -> PostProcessor {
    switch try type() {
    case "TemplateProcessing": return try templateProcessing(id: id)
    case "BertProcessing": return try bertProcessing(id: id)
    case "RobertaProcessing": return try robertaProcessing(id: id)
    default:
      throw try unsupportedType(known: [
        "TemplateProcessing", "BertProcessing", "RobertaProcessing",
      ])
    }
  }

  /// Checks that this id of a special token is the one that the vocabulary has for it.
  func check(_ token: String, id: (String) -> Int32?) throws(TokenizerError) -> Int32 {
    let written = try self.id()
    guard let known = id(token) else {
      throw fault("the special token \"\(token)\" is not in the vocabulary")
    }
    guard known == written else {
      throw fault("\"\(token)\" has id \(known) in the vocabulary, and \(written) here")
    }
    return written
  }
}
