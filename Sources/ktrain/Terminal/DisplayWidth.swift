import CTerminal
import Glibc

extension StringProtocol {
  /// How many columns a terminal shows the text in: two for a character of East Asian width, none for
  /// a combining mark.
  ///
  /// By the C library's tables. A cluster is as wide as the widest of its scalars, so a family of
  /// emoji takes two columns.
  var displayWidth: Int { DisplayWidth.of(self) }

  /// The start of the text that fits into so many columns, with … where something was cut off.
  func cut(toWidth width: Int) -> String {
    if utf8.count <= width || displayWidth <= width { return String(self) }
    var (result, used) = ("", 0)
    for character in self {
      used += DisplayWidth.of(String(character))
      if used > width - 1 { break }
      result.append(character)
    }
    return width < 1 ? "" : result + "…"
  }

  /// The text with spaces behind it, so that it fills so many columns.
  func padded(toWidth width: Int) -> String {
    self + String(repeating: " ", count: Swift.max(0, width - displayWidth))
  }
}

/// Widths of characters on a terminal.
private enum DisplayWidth {
  /// `wcwidth` knows characters beyond ASCII only in a locale of Unicode; the process's own one may be
  /// "C" and stays as it is.
  private nonisolated(unsafe) static let unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil)

  static func of(_ text: some StringProtocol) -> Int {
    if text.utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) { return text.utf8.count }
    let before = unicode.map { uselocale($0) }
    defer { if let before { uselocale(before) } }
    return text.reduce(0) { sum, character in
      sum
        + character.unicodeScalars.reduce(0) { max($0, Int(cterminal_columns($1.value))) }
    }
  }
}
