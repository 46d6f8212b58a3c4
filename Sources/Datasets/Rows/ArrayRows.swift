import JSONValues

/// The rows of a file that is one JSON array of objects, one at a time.
struct ArrayRows {
  private let text: TextBuffer
  /// The line of the next byte, from 1.
  private var line = 1

  /// Reads from a buffer that stands at the file's start.
  init(_ text: TextBuffer) { self.text = text }

  /// Passes on one object after another with the line on which it begins.
  ///
  /// - Parameter body: Returns whether to go on.
  /// - Throws: What `body` throws, and ``DatasetError`` at the first fault of the file.
  mutating func forEach(_ body: (JSONObject, _ line: Int) throws -> Bool) throws {
    try take("[")
    if try nextByte() == UInt8(ascii: "]") { return try end() }
    while true {
      _ = try nextByte()
      let first = line
      let bytes = try element()
      guard try body(object(bytes, line: first), first) else { return }
      if try nextByte() == UInt8(ascii: "]") { return try end() }
      try take(",")
    }
  }

  /// The bytes of the next element, up to the comma or bracket after it, valid until the next call.
  private mutating func element() throws -> UnsafeBufferPointer<UInt8> {
    let first = line
    var (length, depth) = (0, 0)
    var (isInString, isEscaped) = (false, false)
    var bytes = text.bytes
    while true {
      if length == bytes.count {
        guard !text.isAtEnd else { break }
        try text.fill(line: first)
        bytes = text.bytes
        continue
      }
      let byte = bytes[length]
      if byte == 0x0A { line += 1 }
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
      } else {
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"): depth -= 1
        case UInt8(ascii: "]"):
          if depth == 0 { return text.take(length) }
          depth -= 1
        case UInt8(ascii: ",") where depth == 0: return text.take(length)
        default: break
        }
      }
      length += 1
    }
    throw fault("the array is not closed: the file ends inside the element that begins here", first)
  }

  private func object(_ bytes: UnsafeBufferPointer<UInt8>, line: Int) throws -> JSONObject {
    try text.check(bytes.count, line: line)
    do {
      let value = try JSONValue(parsing: bytes)
      guard let object = value.object else {
        throw fault("the array has an element that is \(value.kind); expected objects", line)
      }
      return object
    } catch let error as JSONError {
      let place = line + error.line - 1
      guard String(validating: bytes, as: UTF8.self) != nil else {
        throw DatasetError(
          .notUTF8, "the text is not UTF-8; convert the file, for instance with iconv",
          path: text.path, line: place)
      }
      // Columns count from the element's start on its first line.
      throw fault("not JSON: \(error.message)", place)
    }
  }

  private mutating func end() throws {
    try take("]")
    if try nextByte() != nil {
      throw fault("there is text after the array's end; expected nothing", line)
    }
  }

  /// Takes one byte after white space.
  private mutating func take(_ wanted: Unicode.Scalar) throws {
    guard try nextByte() == UInt8(ascii: wanted) else {
      throw fault("expected \"\(wanted)\" of the array here", line)
    }
    _ = text.take(1)
  }

  /// The byte after white space, which is taken; nil at the end of the file.
  private mutating func nextByte() throws -> UInt8? {
    while true {
      let bytes = text.bytes
      let space = bytes.prefix { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
      line += space.count { $0 == 0x0A }
      _ = text.take(space.count)
      if space.count < bytes.count { return text.bytes[0] }
      if text.isAtEnd { return nil }
      try text.fill(line: line)
    }
  }

  private func fault(_ message: String, _ line: Int) -> DatasetError {
    DatasetError(.malformedLine, message, path: text.path, line: line)
  }
}
