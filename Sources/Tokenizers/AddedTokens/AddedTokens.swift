/// A token that is looked for in the text itself, before the model sees any of it.
struct AddedToken: Hashable, Sendable {
  let content: String
  let id: Int32
  /// Whether it counts only where no letter, digit or underscore touches it.
  let isSingleWord: Bool
  /// Whether it swallows the white space before it.
  let stripsLeft: Bool
  /// Whether it swallows the white space after it.
  let stripsRight: Bool
  /// Whether it is looked for in the normalized text, in its own normalized form.
  let isNormalized: Bool
  /// Whether it is left out where ids are turned back into text.
  let isSpecial: Bool

  /// Reads one of `added_tokens`.
  init(_ field: Field) throws(TokenizerError) {
    try field.allowOnly(
      "id", "content", "single_word", "lstrip", "rstrip", "normalized", "special")
    id = try field.member("id").id()
    content = try field.member("content").string()
    isSingleWord = try field.member("single_word").bool()
    stripsLeft = try field.member("lstrip").bool()
    stripsRight = try field.member("rstrip").bool()
    isNormalized = try field.member("normalized").bool()
    isSpecial = try field.member("special").bool()
  }
}

/// All added tokens of a file.
struct AddedTokens: Sendable {
  /// Those that count as they are written.
  let verbatim: AddedTokenMatcher
  /// Those that count in their normalized form.
  let normalized: AddedTokenMatcher
  /// The highest of their ids; -1 if there are none.
  let highestID: Int32
  /// The ids of those that are special.
  let special: Set<Int32>
  private let ids: [[UInt8]: Int32]

  /// The id of an added token, compared byte by byte.
  func id(of token: String) -> Int32? { ids[Array(token.utf8)] }

  /// Calls `body` with every added token and its id.
  func forEach(_ body: (_ token: [UInt8], _ id: Int32) -> Void) {
    for (token, id) in ids { body(token, id) }
  }

  /// Reads `added_tokens`, given the model that has some of them in its vocabulary, and what
  /// rewrites the text in which the normalized ones are looked for.
  init(
    _ fields: [Field], model: any Model, normalizer: (any Normalizer)?
  ) throws(TokenizerError) {
    var ids: [[UInt8]: Int32] = [:]
    var forms: [Bool: [(form: [UInt8], token: AddedToken)]] = [:]
    var seen: [Bool: Set<[UInt8]>] = [:]
    var special: Set<Int32> = []
    var next = Int32(model.count)
    for field in fields {
      let token = try AddedToken(field)
      let content = Array(token.content.utf8)
      if content.isEmpty { throw try field.member("content").fault("an added token is empty") }
      // The reference ignores the file's ids: a token has its id in the vocabulary, or the next one
      // after all others. Where the file disagrees, one of the two would be read wrongly.
      let assigned = model.id(of: token.content) ?? next
      guard token.id == assigned else {
        throw try field.member("id").fault(
          "\"\(token.content)\" has id \(token.id) here, but its place in the vocabulary is "
            + "\(assigned)")
      }
      if assigned == next { next += 1 }
      guard ids.updateValue(token.id, forKey: content) == nil else {
        throw try field.member("content").fault("\"\(token.content)\" is there twice")
      }
      if token.isSpecial { special.insert(token.id) }
      var form = content
      if token.isNormalized, let normalizer {
        form = []
        normalizer.normalize(content.span, into: &form)
      }
      guard !form.isEmpty else {
        throw try field.member("content").fault("nothing is left of the token once normalized")
      }
      guard seen[token.isNormalized, default: []].insert(form).inserted else {
        throw try field.member("content").fault(
          "\"\(token.content)\" is normalized to the same text as a token before it")
      }
      forms[token.isNormalized, default: []].append((form, token))
    }
    do throws(Trie.BuildingError) {
      verbatim = try AddedTokenMatcher(forms[false] ?? [])
      normalized = try AddedTokenMatcher(forms[true] ?? [])
    } catch {
      throw fields[0].fault(error.message)
    }
    highestID = ids.values.max() ?? -1
    self.ids = ids
    self.special = special
  }
}
