extension JSONValue {
  /// Reads one JSON text (RFC 8259): UTF-8, nothing after the value, no duplicate keys, no `NaN`.
  ///
  /// - Parameter bytes: The text; a byte order mark at its start is skipped.
  /// - Throws: ``JSONError`` with line and column of the first fault. Nesting deeper than 256 is
  ///   one, so that no input can exhaust the stack.
  public init(parsing bytes: some Sequence<UInt8>) throws(JSONError) {
    let result = bytes.withContiguousStorageIfAvailable { Self.result(of: $0) }
    self = try (result ?? Array(bytes).withUnsafeBufferPointer { Self.result(of: $0) }).get()
  }

  /// Reads one JSON text from a string.
  ///
  /// - Throws: ``JSONError`` with line and column of the first fault.
  public init(parsing text: String) throws(JSONError) {
    var text = text
    self = try text.withUTF8 { Self.result(of: $0) }.get()
  }

  private static func result(of bytes: UnsafeBufferPointer<UInt8>) -> Result<JSONValue, JSONError> {
    var parser = JSONParser(bytes: bytes)
    do throws(JSONError) { return .success(try parser.document()) } catch { return .failure(error) }
  }
}

/// Recursive descent over the bytes of one text.
private struct JSONParser {
  let bytes: UnsafeBufferPointer<UInt8>
  var position = 0
  var depth = 0

  init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  mutating func document() throws(JSONError) -> JSONValue {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    skipWhitespace()
    let value = try value()
    skipWhitespace()
    guard position == bytes.count else { throw fault("expected the end of the text") }
    return value
  }

  private mutating func value() throws(JSONError) -> JSONValue {
    guard let byte = peek else { throw fault("expected a value") }
    switch byte {
    case UInt8(ascii: "{"): return try nested { (parser) throws(JSONError) in try parser.object() }
    case UInt8(ascii: "["): return try nested { (parser) throws(JSONError) in try parser.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw fault("expected a value")
    }
  }

  private mutating func nested(
    _ body: (inout JSONParser) throws(JSONError) -> JSONValue
  ) throws(JSONError) -> JSONValue {
    depth += 1
    guard depth <= 256 else { throw fault("nesting is deeper than 256 levels") }
    defer { depth -= 1 }
    position += 1
    skipWhitespace()
    return try body(&self)
  }

  private mutating func object() throws(JSONError) -> JSONValue {
    var keys: [String] = []
    var values: [JSONValue] = []
    if take("}") { return .object(JSONObject()) }
    repeat {
      skipWhitespace()
      guard peek == UInt8(ascii: "\"") else { throw fault("expected a member's name in quotes") }
      keys.append(try string())
      skipWhitespace()
      guard take(":") else { throw fault("expected ':'") }
      skipWhitespace()
      values.append(try value())
      skipWhitespace()
    } while take(",")
    guard take("}") else { throw fault("expected ',' or '}'") }
    // Names are compared by their bytes: Swift's equality would take two spellings of one accented
    // letter for the same name, which in a vocabulary they are not.
    var seen = Set<[UInt8]>(minimumCapacity: keys.count)
    for key in keys where !seen.insert(Array(key.utf8)).inserted {
      throw fault("the name \"\(key)\" stands twice in the object that ends here")
    }
    return .object(JSONObject(distinctKeys: keys, values: values))
  }

  private mutating func array() throws(JSONError) -> JSONValue {
    var elements: [JSONValue] = []
    if take("]") { return .array(elements) }
    repeat {
      skipWhitespace()
      elements.append(try value())
      skipWhitespace()
    } while take(",")
    guard take("]") else { throw fault("expected ',' or ']'") }
    return .array(elements)
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError)
    -> JSONValue
  {
    let end = position + word.utf8CodeUnitCount
    guard end <= bytes.count,
      bytes[position..<end].elementsEqual(
        UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    else { throw fault("expected a value") }
    position = end
    return value
  }

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    var isInteger = true
    _ = take("-")
    if take("0") {
      if let byte = peek, isDigit(byte) { throw fault("a number starts with a needless 0") }
    } else {
      try digits()
    }
    if take(".") {
      isInteger = false
      try digits()
    }
    if take("e") || take("E") {
      isInteger = false
      if !take("+") { _ = take("-") }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let value = Int(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      position = start
      throw fault("the number \(text) is too large")
    }
    return .number(value)
  }

  private mutating func digits() throws(JSONError) {
    guard let byte = peek, isDigit(byte) else { throw fault("expected a digit") }
    while let byte = peek, isDigit(byte) { position += 1 }
  }

  private mutating func string() throws(JSONError) -> String {
    position += 1
    let start = position
    while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      position += 1
    }
    if peek == UInt8(ascii: "\"") {  // no escape: the bytes are the string
      defer { position += 1 }
      return try text(bytes[start..<position], at: start)
    }
    var buffer = Array(bytes[start..<position])
    while let byte = peek {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return try text(buffer[...], at: start)
      case UInt8(ascii: "\\"): try escape(into: &buffer)
      case 0..<0x20:
        position -= 1
        throw fault("a control character in a string must be escaped")
      default: buffer.append(byte)
      }
    }
    throw fault("the string that starts at byte \(start) has no end")
  }

  private func text(_ slice: some Collection<UInt8>, at start: Int) throws(JSONError) -> String {
    guard let text = String(validating: slice, as: UTF8.self) else {
      throw fault("the string that starts at byte \(start) is not UTF-8")
    }
    return text
  }

  private mutating func escape(into buffer: inout [UInt8]) throws(JSONError) {
    guard let byte = peek else { throw fault("expected an escaped character") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(byte)
    case UInt8(ascii: "b"): buffer.append(0x08)
    case UInt8(ascii: "f"): buffer.append(0x0C)
    case UInt8(ascii: "n"): buffer.append(0x0A)
    case UInt8(ascii: "r"): buffer.append(0x0D)
    case UInt8(ascii: "t"): buffer.append(0x09)
    case UInt8(ascii: "u"): buffer.append(contentsOf: String(try escapedScalar()).utf8)
    default: throw fault("\\\(Character(Unicode.Scalar(byte))) is no escape of JSON")
    }
  }

  private mutating func escapedScalar() throws(JSONError) -> Character {
    var code = try hexadecimal()
    if (0xD800..<0xDC00).contains(code), take("\\"), take("u") {
      let low = try hexadecimal()
      guard (0xDC00..<0xE000).contains(low) else { throw fault("half of a surrogate pair") }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw fault("half of a surrogate pair") }
    return Character(scalar)
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    let end = position + 4
    guard end <= bytes.count,
      bytes[position..<end].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let code = UInt32(String(decoding: bytes[position..<end], as: UTF8.self), radix: 16)
    else { throw fault("expected four hexadecimal digits after \\u") }
    position = end
    return code
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: scalar) else { return false }
    position += 1
    return true
  }

  private mutating func skipWhitespace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private func fault(_ message: String) -> JSONError {
    let before = bytes[..<min(position, bytes.count)]
    let line = before.count(where: { $0 == 0x0A }) + 1
    let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    var found = "the end of the text"
    if position < bytes.count {
      let byte = bytes[position]
      found = byte >= 0x20 && byte < 0x7F ? "'\(Unicode.Scalar(byte))'" : "byte \(byte)"
    }
    return JSONError(
      message: "\(message); found \(found)", line: line, column: before.count - start + 1)
  }
}
