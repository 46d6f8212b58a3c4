extension Field {
  /// `cls` before the text and `sep` after it; the other options change offsets only.
  func robertaProcessing(id: (String) -> Int32?) throws(TokenizerError) -> PostProcessor {
    try allowOnly("type", "cls", "sep", "trim_offsets", "add_prefix_space")
    return PostProcessor(
      prefix: [try member("cls").namedToken(id: id)],
      suffix: [try member("sep").namedToken(id: id)])
  }
}
