/// Replaces each occurrence of a pattern, from the left, by a fixed text.
///
/// Patterns are plain strings, and of the regular expressions one character with `+` or `{n,}`, as
/// in the ` {2,}` of XLM-RoBERTa's files.
struct Replace: Normalizer {
  private let pattern: [UInt8]
  /// How often the pattern has to stand in a row, all of which are replaced at once; nil if each
  /// occurrence is replaced.
  private let least: Int?
  private let content: [UInt8]

  init(_ field: Field) throws(TokenizerError) {
    try field.allowOnly("type", "pattern", "content")
    content = Array(try field.member("content").string().utf8)
    let kind = try field.member("pattern")
    try kind.allowOnly("String", "Regex")
    if let string = kind["String"] {
      pattern = Array(try string.string().utf8)
      least = nil
      if pattern.isEmpty { throw string.fault("an empty pattern", code: .unsupported) }
      return
    }
    let regex = try kind.member("Regex")
    let text = try regex.string()
    let scalars = Array(text.unicodeScalars)
    let isPlain = scalars.map { !#"\^$.|?*+()[]{}"#.unicodeScalars.contains($0) }
    if !scalars.isEmpty, isPlain.allSatisfy({ $0 }) {
      pattern = Array(text.utf8)
      least = nil
      return
    }
    guard let first = isPlain.first, first, let least = Self.least(scalars.dropFirst()) else {
      throw regex.fault(
        "the regular expression \"\(text)\" is not supported; supported here: plain text, and one "
          + "character with + or {n,}", code: .unsupported)
    }
    pattern = Array(String(Character(scalars[0])).utf8)
    self.least = least
  }

  /// The n of `{n,}`, 1 of `+`.
  private static func least(_ quantifier: ArraySlice<Unicode.Scalar>) -> Int? {
    if quantifier.elementsEqual(["+"]) { return 1 }
    guard quantifier.count > 3, quantifier.first == "{",
      quantifier.suffix(2).elementsEqual([",", "}"])
    else { return nil }
    let digits = quantifier.dropFirst().dropLast(2)
    guard digits.allSatisfy({ ("0"..."9").contains($0) }),
      let least = Int(String(String.UnicodeScalarView(digits))), least > 0
    else { return nil }
    return least
  }

  func normalize(_ text: Span<UInt8>, into output: inout [UInt8]) {
    output.reserveCapacity(output.count + text.count)
    var position = 0
    while position < text.count {
      var end = position
      while (least != nil || end == position) && matches(text, at: end) { end += pattern.count }
      if end > position, end - position >= (least ?? 1) * pattern.count {
        output.append(contentsOf: content)
        position = end
      } else {
        // Of a run that is too short nothing is replaced: its characters are all the same.
        end = max(end, position + 1)
        output.append(text, position..<end)
        position = end
      }
    }
  }

  private func matches(_ text: Span<UInt8>, at position: Int) -> Bool {
    position + pattern.count <= text.count
      && pattern.indices.allSatisfy { text[position + $0] == pattern[$0] }
  }
}
