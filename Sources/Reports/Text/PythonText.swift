internal import JSONValues

/// Values as Python prints them, which is how model cards have them.
enum PythonText {
  /// A value as `str` has it: a text without quotes.
  static func plain(_ value: JSONValue) -> String {
    value.string.map { $0.oneLine } ?? literal(value)
  }

  /// A value as `repr` has it.
  static func literal(_ value: JSONValue) -> String {
    switch value {
    case .null: return "None"
    case .bool(let value): return value ? "True" : "False"
    case .string(let text): return literal(text)
    case .array(let elements): return "[" + elements.map(literal).joined(separator: ", ") + "]"
    case .object(let object):
      let members = object.members.map { "\(literal($0.0)): \(literal($0.1))" }
      return "{" + members.joined(separator: ", ") + "}"
    case .integer, .number: return value.text()
    }
  }

  /// A text in quotes.
  static func literal(_ text: String) -> String {
    let quote: Unicode.Scalar = text.contains("'") && !text.contains("\"") ? "\"" : "'"
    var result = String(quote)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case quote: result += "\\" + String(scalar)
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.isUnprintable: result += scalar.escape
      default: result.unicodeScalars.append(scalar)
      }
    }
    // What begins a comment in Markdown would, for some readers, even in a block of code.
    return result.replacing("<!--", with: "<\\x21--") + String(quote)
  }

  /// A number as a table of the peer's has it: at most four digits after the point.
  static func rounded(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e11 else { return String(value) }
    let rounded = (value * 10_000).rounded() / 10_000
    return String(rounded == 0 ? 0 : rounded)
  }
}

extension Unicode.Scalar {
  /// Whether a line of text must not have it as it is: controls, and what ends lines.
  var isUnprintable: Bool {
    properties.generalCategory == .control || [0x2028, 0x2029, 0xFEFF].contains(value)
  }

  /// The scalar as JSON, YAML and Python spell it: `\u001b`.
  var escape: String {
    let digits = String(value, radix: 16)
    return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}

extension String {
  /// The text with a space for each run of line ends and other controls.
  var oneLine: String {
    split { $0.isNewline || $0.unicodeScalars.contains(where: \.isUnprintable) }
      .joined(separator: " ")
  }
}
