/// Writes spaces as a visible character, `▁`, and lets a word begin with each.
struct Metaspace: PreTokenizer {
  private let replacement: [UInt8]
  private let first: UInt8
  /// Whether a word that does not begin with the replacement gets one.
  private let prepends: Bool
  private let splits: Bool

  /// As XLM-RoBERTa has it.
  init(prepends: Bool) {
    replacement = Array("\u{2581}".utf8)
    first = replacement[0]
    self.prepends = prepends
    splits = true
  }

  init(_ field: Field) throws(TokenizerError) {
    try field.allowOnly(
      "type", "replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep")
    let character = try field.member("replacement")
    let text = try character.string()
    guard text.unicodeScalars.count == 1 else {
      throw character.fault("\"\(text)\" is not one character")
    }
    replacement = Array(text.utf8)
    first = replacement[0]
    if let copy = field["str_rep"], try copy.string().utf8.elementsEqual(replacement) == false {
      throw copy.fault("this is not the replacement, \"\(text)\"")
    }
    splits = try field["split"]?.bool() ?? true
    let prefix = field["add_prefix_space"]
    let addsPrefix = try prefix?.bool() ?? true
    guard let scheme = field["prepend_scheme"] else {
      prepends = addsPrefix
      return
    }
    switch try scheme.string() {
    case "always": prepends = true
    case "never": prepends = false
    case let other:
      throw scheme.fault(
        "\"\(other)\" is not supported; supported here: always, never", code: .unsupported)
    }
    if let prefix, prepends && !addsPrefix {
      throw prefix.fault("false contradicts prepend_scheme \"always\"")
    }
  }

  func split(_ words: inout Words) {
    var output = Words()
    output.text.reserveCapacity(words.text.count + words.text.count / 2)
    output.ranges.reserveCapacity(words.ranges.count)
    let mark = replacement.span
    for word in words.ranges { append(words.text.span, word, mark, to: &output) }
    words = output
  }

  private func append(
    _ text: Span<UInt8>, _ word: Range<Int>, _ mark: Span<UInt8>, to output: inout Words
  ) {
    var start = output.text.count
    let startsWithReplacement =
      text[word.lowerBound] == UInt8(ascii: " ") || begins(text, word, mark, at: word.lowerBound)
    if prepends && !startsWithReplacement { output.text.append(mark, 0..<mark.count) }
    if !contains(text, word) {  // nothing to replace and nowhere to cut: by far most words
      output.text.append(text, word)
      output.ranges.append(start..<output.text.count)
      return
    }
    for position in word {
      let isSpace = text[position] == UInt8(ascii: " ")
      if splits, isSpace || begins(text, word, mark, at: position) {
        if start < output.text.count { output.ranges.append(start..<output.text.count) }
        start = output.text.count
      }
      if isSpace {
        output.text.append(mark, 0..<mark.count)
      } else {
        output.text.append(text[position])
      }
    }
    output.ranges.append(start..<output.text.count)
  }

  /// Whether a space, or what may be the replacement, is in the word.
  private func contains(_ text: Span<UInt8>, _ word: Range<Int>) -> Bool {
    for position in word where text[position] == UInt8(ascii: " ") || text[position] == first {
      return true
    }
    return false
  }

  /// Whether the replacement stands at `position` of the text itself.
  private func begins(
    _ text: Span<UInt8>, _ word: Range<Int>, _ mark: Span<UInt8>, at position: Int
  ) -> Bool {
    guard position + mark.count <= word.upperBound else { return false }
    for index in mark.indices where text[position + index] != mark[index] { return false }
    return true
  }
}
