import JSONValues

/// Values as model cards show them: Python's `None`, `True`, `[]`, `{'xla': False}`.
enum PythonLiteral {
  /// The value that a string spells in Python, where that is a constant, a list or a dictionary;
  /// any other value as it is.
  static func value(of written: JSONValue) -> JSONValue {
    guard let text = written.string else { return written }
    switch text {
    case "None": return .null
    case "True": return true
    case "False": return false
    default: break
    }
    guard text.hasPrefix("{") || text.hasPrefix("[") else { return written }
    var reader = Reader(rest: text.unicodeScalars[...])
    guard let value = reader.value(), reader.isAtEnd else { return written }
    return value
  }

  /// Recursive descent; nil where the text is no literal.
  private struct Reader {
    var rest: Substring.UnicodeScalarView
    var depth = 0

    var isAtEnd: Bool { rest.allSatisfy { $0 == " " } }

    mutating func value() -> JSONValue? {
      skipSpaces()
      switch rest.first {
      case "{": return nested { $0.dictionary() }
      case "[": return nested { $0.list() }
      case "'", "\"": return string().map { .string($0) }
      default: return word()
      }
    }

    private mutating func nested(_ body: (inout Reader) -> JSONValue?) -> JSONValue? {
      rest.removeFirst()
      depth += 1
      defer { depth -= 1 }
      return depth > 64 ? nil : body(&self)
    }

    private mutating func list() -> JSONValue? {
      var elements: [JSONValue] = []
      while !take("]") {
        if !elements.isEmpty, !take(",") { return nil }
        guard let element = value() else { return nil }
        elements.append(element)
      }
      return .array(elements)
    }

    private mutating func dictionary() -> JSONValue? {
      var object = JSONObject()
      while !take("}") {
        if object.count > 0, !take(",") { return nil }
        skipSpaces()
        guard let key = string(), object[key] == nil, take(":"), let value = value() else {
          return nil
        }
        object[key] = value
      }
      return .object(object)
    }

    private mutating func string() -> String? {
      guard let quote = rest.first, quote == "'" || quote == "\"" else { return nil }
      rest.removeFirst()
      var text = String.UnicodeScalarView()
      while let scalar = rest.popFirst() {
        if scalar == quote { return String(text) }
        if scalar == "\\" {
          guard let escaped = rest.popFirst(), "'\"\\".unicodeScalars.contains(escaped) else {
            return nil
          }
          text.append(escaped)
        } else {
          text.append(scalar)
        }
      }
      return nil
    }

    private mutating func word() -> JSONValue? {
      let word = String(Substring(rest.prefix { !" ,:]}".unicodeScalars.contains($0) }))
      rest.removeFirst(word.unicodeScalars.count)
      switch word {
      case "None", "null": return .null
      case "True", "true": return true
      case "False", "false": return false
      default: break
      }
      if let integer = Int(word) { return .integer(integer) }
      return Double(word).flatMap { $0.isFinite ? .number($0) : nil }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
      skipSpaces()
      guard rest.first == scalar else { return false }
      rest.removeFirst()
      return true
    }

    private mutating func skipSpaces() {
      rest = rest.drop { $0 == " " }
    }
  }
}
