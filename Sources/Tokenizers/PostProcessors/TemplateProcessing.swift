extension Field {
  /// What `single` puts around the text, which is its element `A`.
  ///
  /// `pair` is for two texts at a time, which nothing here encodes.
  func templateProcessing(id: (String) -> Int32?) throws(TokenizerError) -> PostProcessor {
    try allowOnly("type", "single", "pair", "special_tokens")
    let tokens = try member("special_tokens")
    let single = try member("single")
    var processor = PostProcessor()
    var hasText = false
    for piece in try single.elements() {
      try piece.allowOnly("Sequence", "SpecialToken")
      if let sequence = piece["Sequence"] {
        try sequence.requireTypeZero()
        guard try sequence.member("id").string() == "A", !hasText else {
          throw sequence.fault("a template for one text holds \"A\" once, and no other text")
        }
        hasText = true
      } else {
        let token = try piece.member("SpecialToken")
        try token.requireTypeZero()
        let name = try token.member("id").string()
        guard let entry = tokens[name] else {
          throw try token.member("id").fault("\"\(name)\" is not among \(tokens.name)")
        }
        let ids = try entry.specialTokenIDs(id: id)
        if hasText { processor.suffix += ids } else { processor.prefix += ids }
      }
    }
    guard hasText else { throw single.fault("the template leaves out the text, \"A\"") }
    return processor
  }

  private func requireTypeZero() throws(TokenizerError) {
    try allowOnly("id", "type_id")
    let type = try member("type_id")
    guard try type.integer(in: 0...Int(Int32.max)) == 0 else {
      throw type.fault(
        "token type ids other than 0 are not supported for a single text", code: .unsupported)
    }
  }

  private func specialTokenIDs(id: (String) -> Int32?) throws(TokenizerError) -> [Int32] {
    try allowOnly("id", "ids", "tokens")
    let ids = try member("ids")
    let (elements, names) = (try ids.elements(), try member("tokens").elements())
    guard elements.count == names.count else {
      throw ids.fault("\(elements.count) ids for \(names.count) tokens")
    }
    var result: [Int32] = []
    for (element, name) in zip(elements, names) {
      result.append(try element.check(try name.string(), id: id))
    }
    return result
  }
}
