/// The text of a model card: its YAML front matter, and the rest without HTML comments.
struct CardText {
  /// The lines between the first two lines `---`; none if the card does not start with one.
  let frontMatter: [Substring]
  /// The card without front matter and comments.
  let body: String
  /// Whether some bytes were no UTF-8, and stand in ``body`` as U+FFFD.
  let isDamaged: Bool

  init(_ bytes: some Collection<UInt8>) {
    isDamaged = String(validating: bytes, as: UTF8.self) == nil
    let text = String(decoding: bytes, as: UTF8.self).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    var front = 0..<0
    if text.first == "---", let end = text.dropFirst().firstIndex(of: "---") { front = 1..<end }
    frontMatter = Array(text[front])
    let rest = front.isEmpty ? text[...] : text[(front.upperBound + 1)...]
    body = Self.withoutComments(rest.joined(separator: "\n"))
  }

  /// The values of a key of the front matter, which may be one or a list.
  func frontMatter(_ key: String) -> [String] {
    guard let start = frontMatter.firstIndex(where: { $0.hasPrefix(key + ":") }) else { return [] }
    let value = Self.unquoted(frontMatter[start].dropFirst(key.count + 1))
    if !value.isEmpty { return [value] }
    return frontMatter[(start + 1)...].prefix { $0.drop { $0 == " " }.hasPrefix("- ") }
      .map { Self.unquoted($0.drop { $0 == " " }.dropFirst(2)) }
  }

  /// The value of a line `label: value` or `label | value`, bullets and emphasis left away; nil if
  /// there is none.
  func value(ofLine label: String) -> String? {
    for line in body.split(whereSeparator: \.isNewline) {
      let line = line.filter { $0 != "*" && $0 != "`" }.drop { "-•| ".contains($0) }
      guard let end = line.firstIndex(where: { ":|".contains($0) }) else { continue }
      guard line[..<end].trimmed.lowercased() == label else { continue }
      let value = line[line.index(after: end)...].trimmed
      if !value.isEmpty { return value }
    }
    return nil
  }

  private static func unquoted(_ text: Substring) -> String {
    let text = text.trimmed
    for quote in ["\"", "'"] where text.count >= 2 && text.hasPrefix(quote) && text.hasSuffix(quote)
    {
      return String(text.dropFirst().dropLast())
    }
    return text
  }

  private static func withoutComments(_ text: String) -> String {
    var (kept, rest) = ("", text[...])
    while let start = rest.firstRange(of: "<!--") {
      kept += rest[..<start.lowerBound]
      let end = rest[start.upperBound...].firstRange(of: "-->")?.upperBound ?? rest.endIndex
      rest = rest[end...]
    }
    return kept + rest
  }
}

extension StringProtocol {
  /// The text without white space at its ends.
  var trimmed: String {
    let start = drop { $0.isWhitespace }
    guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(start[...end])
  }
}
