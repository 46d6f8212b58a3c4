internal import JSONValues

/// Text of the user's inside Markdown.
enum Markdown {
  /// Text that is shown as it is, on one line, wherever it stands: in a sentence, a cell of a table
  /// or `<code>`.
  static func inline(_ text: String, lineEnd: String = " ") -> String {
    var result = ""
    for character in text {
      if character.isNewline {
        result += lineEnd
        continue
      }
      for scalar in character.unicodeScalars {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\\", "`", "*", "_", "|", "[", "]", "~", "$": result += "&#\(scalar.value);"
        case "\t": result += " "
        case _ where scalar.isUnprintable: result += "\u{FFFD}"
        default: result.unicodeScalars.append(scalar)
        }
      }
    }
    return result
  }

  /// A name in a cell of a table, its letters as they are.
  static func cell(_ name: String) -> String {
    name.oneLine.replacing("|", with: "\\|").replacing("<", with: "&lt;")
  }

  /// A value as JSON in a block of code, without anything that ends or begins something in Markdown.
  static func json(_ value: JSONValue, indent: Int) -> String {
    var text = ""
    for scalar in value.text(indent: indent).unicodeScalars {
      let isSpecial = scalar == "<" || (scalar.isUnprintable && scalar != "\n")
      text += isSpecial ? scalar.escape : String(scalar)
    }
    return "```json\n\(text)\n```"
  }

  /// A name between backticks.
  static func span(_ name: String) -> String {
    // What begins a comment would, for some readers, even there.
    name.oneLine.replacing("`", with: "'").replacing("<!--", with: "<! --")
  }

  /// Text in `<code>`, of at most so many characters.
  static func code(_ text: String, limit: Int = 1000) -> String {
    let isLong =
      text.index(text.startIndex, offsetBy: limit, limitedBy: text.endIndex)
      .map { $0 < text.endIndex } ?? false
    let kept = isLong ? text.prefix(limit) + "..." : text[...]
    return "<code>\(inline(String(kept), lineEnd: "<br>"))</code>"
  }

  /// A table of cells that are Markdown already, its columns padded to one width; those of the
  /// peer's logs are centred.
  static func table(_ heads: [String], _ rows: [[String]], isCentred: Bool = false) -> String {
    let widths = heads.indices.map { column in
      ([heads] + rows).map { $0[column].count }.max() ?? 0
    }
    let line = { (cells: [String]) in
      let padded = zip(cells, widths).map { cell, width in
        cell + String(repeating: " ", count: width - cell.count)
      }
      return "| " + padded.joined(separator: " | ") + " |"
    }
    let rule = widths.map { width in
      ":" + String(repeating: "-", count: max(1, isCentred ? width : width + 1))
        + (isCentred ? ":" : "")
    }
    return ([line(heads), "|" + rule.joined(separator: "|") + "|"] + rows.map(line))
      .joined(separator: "\n")
  }

  /// Lines with spaces in front.
  static func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.isEmpty ? "" : "  " + $0 }.joined(separator: "\n")
  }

  /// `a`, `a and b`, `a, b, and c`.
  static func list(_ items: [String]) -> String {
    switch items.count {
    case 0...1: items.joined()
    case 2: items.joined(separator: " and ")
    default: items.dropLast().joined(separator: ", ") + ", and " + (items.last ?? "")
    }
  }
}
