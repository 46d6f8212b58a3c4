import JSONValues

/// One line of a JSONL file.
enum JSONLine {
  /// The object on a line.
  ///
  /// - Throws: ``DatasetError`` with the column of the first fault in its message.
  static func object(
    of bytes: UnsafeBufferPointer<UInt8>, path: String, line: Int
  ) throws -> JSONObject {
    let value: JSONValue
    do {
      value = try JSONValue(parsing: bytes)
    } catch {
      guard String(validating: bytes, as: UTF8.self) != nil else {
        throw DatasetError(
          .notUTF8, "the line is not UTF-8; convert the file, for instance with iconv", path: path,
          line: line)
      }
      throw DatasetError(
        .malformedLine, "not JSON at column \(error.column): \(error.message)", path: path,
        line: line)
    }
    guard let object = value.object else {
      throw DatasetError(
        .malformedLine, "the line holds \(value.kind); expected an object", path: path, line: line)
    }
    return object
  }
}

extension JSONObject {
  /// The value of the member whose name has the same bytes: Swift's equality would take two
  /// spellings of one accented letter for the same name.
  func value(ofByteExact name: String) -> JSONValue? {
    keys.firstIndex { $0.utf8.elementsEqual(name.utf8) }.map { values[$0] }
  }
}
