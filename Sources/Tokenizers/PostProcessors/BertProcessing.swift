extension Field {
  /// `cls` before the text and `sep` after it: how BERT's template was once written.
  func bertProcessing(id: (String) -> Int32?) throws(TokenizerError) -> PostProcessor {
    try allowOnly("type", "cls", "sep")
    return PostProcessor(
      prefix: [try member("cls").namedToken(id: id)],
      suffix: [try member("sep").namedToken(id: id)])
  }

  /// A token written as `["[CLS]", 101]`.
  func namedToken(id: (String) -> Int32?) throws(TokenizerError) -> Int32 {
    let elements = try elements()
    guard elements.count == 2 else { throw fault("expected a token and its id") }
    return try elements[1].check(try elements[0].string(), id: id)
  }
}
