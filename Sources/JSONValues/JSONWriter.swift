extension JSONValue {
  /// The value as JSON text.
  ///
  /// Numbers are written with the fewest digits that read back to the same `Double`, integral ones
  /// with `.0`, as Python writes them. Non-finite numbers, which JSON lacks, become `null`.
  ///
  /// - Parameter indent: Spaces for each level of nesting; nil writes everything on one line, with
  ///   a space after each `,` and `:`.
  /// - Returns: The text, without a line end.
  public func text(indent: Int? = nil) -> String {
    var writer = JSONWriter(indent: indent)
    writer.write(self, level: 0)
    return writer.text
  }
}

private struct JSONWriter {
  let indent: Int?
  var text = ""

  mutating func write(_ value: JSONValue, level: Int) {
    switch value {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += value.isFinite ? String(describing: value) : "null"
    case .string(let value): write(value)
    case .array(let elements):
      write("[", "]", count: elements.count, level: level) { writer, index in
        writer.write(elements[index], level: level + 1)
      }
    case .object(let object):
      write("{", "}", count: object.count, level: level) { writer, index in
        writer.write(object.keys[index])
        writer.text += ": "
        writer.write(object.values[index], level: level + 1)
      }
    }
  }

  private mutating func write(
    _ opening: String, _ closing: String, count: Int, level: Int,
    element: (inout JSONWriter, Int) -> Void
  ) {
    text += opening
    for index in 0..<count {
      if index > 0 { text += indent == nil ? ", " : "," }
      newLine(level + 1)
      element(&self, index)
    }
    if count > 0 { newLine(level) }
    text += closing
  }

  private mutating func newLine(_ level: Int) {
    guard let indent else { return }
    text += "\n"
    text += String(repeating: " ", count: indent * level)
  }

  private mutating func write(_ string: String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
