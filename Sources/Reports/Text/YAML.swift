internal import JSONValues

/// JSON values as YAML, in the block style that model cards have at their heads.
enum YAML {
  /// The members of an object, a line or more for each.
  static func text(_ object: JSONObject) -> String {
    var lines: [String] = []
    write(object, indent: "", into: &lines)
    return lines.joined(separator: "\n")
  }

  private static func write(_ object: JSONObject, indent: String, into lines: inout [String]) {
    for (key, value) in object.members {
      switch value {
      case .object(let members) where members.count > 0:
        lines.append("\(indent)\(scalar(.string(key))):")
        write(members, indent: indent + "  ", into: &lines)
      case .array(let elements) where !elements.isEmpty:
        lines.append("\(indent)\(scalar(.string(key))):")
        write(elements, indent: indent, into: &lines)
      default: lines.append("\(indent)\(scalar(.string(key))): \(scalar(value))")
      }
    }
  }

  private static func write(_ elements: [JSONValue], indent: String, into lines: inout [String]) {
    for element in elements {
      guard let object = element.object, object.count > 0 else {
        lines.append("\(indent)- \(scalar(element))")
        continue
      }
      let first = lines.count
      write(object, indent: indent + "  ", into: &lines)
      lines[first] = "\(indent)- \(lines[first].dropFirst(indent.count + 2))"
    }
  }

  /// A value on one line; a nested one in the flow style, which is JSON.
  private static func scalar(_ value: JSONValue) -> String {
    switch value {
    case .string(let text): return isPlain(text) ? text : quoted(text)
    case .number(let number):
      // YAML 1.1 takes a number without a point for a text.
      let digits = number.isFinite ? String(number) : ".nan"
      guard let exponent = digits.firstIndex(of: "e"), !digits.contains(".") else { return digits }
      return digits[..<exponent] + ".0" + digits[exponent...]
    default: return value.text()
    }
  }

  /// Whether a text needs no quotes and is no number, date or truth value without them.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.first, first.isASCII, first.isLetter, text.count < 200 else {
      return false
    }
    let isSafe = text.allSatisfy { character in
      character.isASCII
        && (character.isLetter || character.isNumber || " _-./@+:".contains(character))
    }
    let words = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
    return isSafe && !text.contains(": ") && !text.hasSuffix(":") && !text.hasSuffix(" ")
      && !words.contains(text.lowercased())
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.isUnprintable: result += scalar.escape
      case "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
