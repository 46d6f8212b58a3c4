import JSONValues

/// The rows of a CSV or TSV file as RFC 4180 has them: fields between separators, the names of the
/// columns in the first record.
///
/// A field in double quotes may hold separators, line ends and, doubled, quotes; white space belongs
/// to fields. Records end in LF, CR LF or CR; empty lines are skipped.
struct DelimitedRows {
  private let text: TextBuffer
  private let separator: UInt8
  /// The line on which the next record begins, from 1.
  private var line = 1

  /// Reads from a buffer that stands at the file's start.
  ///
  /// - Parameters:
  ///   - text: The file.
  ///   - separator: A comma or a tab.
  init(_ text: TextBuffer, separator: UInt8) { (self.text, self.separator) = (text, separator) }

  /// Passes on one row after another, all members texts, with the line on which it begins.
  ///
  /// - Parameter body: Returns whether to go on.
  /// - Throws: What `body` throws, and ``DatasetError`` at the first fault of the file.
  mutating func forEach(_ body: (JSONObject, _ line: Int) throws -> Bool) throws {
    guard let header = try next() else { return }
    let names = try header.fields.map { try string($0, line: header.line) }
    try check(names, line: header.line)
    while let record = try next() {
      guard record.fields.count == names.count else {
        let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
        throw fault(
          "\(record.fields.count) fields; the header has \(names.count): \(list)", record.line)
      }
      let values = try record.fields.map { JSONValue.string(try string($0, line: record.line)) }
      guard try body(JSONObject(distinctKeys: names, values: values), record.line) else { return }
    }
  }

  private func check(_ names: [String], line: Int) throws {
    for (index, name) in names.enumerated() {
      guard !name.isEmpty else {
        throw fault(
          "column \(index + 1) has no name; expected the names of the columns in the first line",
          line)
      }
      guard !names[..<index].contains(where: { $0.utf8.elementsEqual(name.utf8) }) else {
        throw fault("the column \"\(name)\" stands twice in the first line", line)
      }
    }
  }

  private typealias Record = (fields: [[UInt8]], line: Int)

  /// The next record that is not an empty line; nil at the end of the file.
  private mutating func next() throws -> Record? {
    while let record = try record() {
      if !record.fields.isEmpty { return record }
    }
    return nil
  }

  private enum State { case start, plain, quoted, closed }

  /// The fields of the next line, or lines; none of an empty line, nil at the end of the file.
  private mutating func record() throws -> Record? {
    let first = line
    var (fields, field): ([[UInt8]], [UInt8]) = ([], [])
    var (state, length, openedAt) = (State.start, 0, line)
    var isAfterReturn = false
    var bytes = text.bytes
    while true {
      if length == bytes.count {
        if text.isAtEnd { break }
        try text.fill(line: first)
        bytes = text.bytes
        continue
      }
      let byte = bytes[length]
      length += 1
      switch (state, byte) {
      case (.quoted, UInt8(ascii: "\"")): state = .closed
      case (.closed, UInt8(ascii: "\"")):
        field.append(byte)
        state = .quoted
      case (.quoted, _):
        if byte == 0x0D || (byte == 0x0A && !isAfterReturn) { line += 1 }
        isAfterReturn = byte == 0x0D
        field.append(byte)
      case (.start, UInt8(ascii: "\"")): (state, openedAt, isAfterReturn) = (.quoted, line, false)
      case (_, separator):
        fields.append(field)
        (field, state) = ([], .start)
      case (_, 0x0A), (_, 0x0D):
        try text.check(length, line: first)
        try takeLine(length, endsInReturn: byte == 0x0D)
        let isEmpty = state == .start && fields.isEmpty
        return (isEmpty ? [] : fields + [field], first)
      case (.closed, _):
        throw fault(
          "there is text after a closing quote; a quote inside a quoted field is written twice",
          line)
      default:
        field.append(byte)
        state = .plain
      }
    }
    guard state != .quoted else {
      throw fault("a quote is opened here and not closed before the end of the file", openedAt)
    }
    _ = text.take(length)
    return length == 0 ? nil : (fields + [field], first)
  }

  /// Takes a record and its end, which may have its LF in bytes that are not read yet.
  private mutating func takeLine(_ length: Int, endsInReturn: Bool) throws {
    line += 1
    if endsInReturn && length == text.bytes.count && !text.isAtEnd { try text.fill(line: line) }
    let hasFeed = endsInReturn && length < text.bytes.count && text.bytes[length] == 0x0A
    _ = text.take(length, gap: hasFeed ? 1 : 0)
  }

  private func string(_ field: [UInt8], line: Int) throws -> String {
    guard let text = String(validating: field, as: UTF8.self) else {
      throw DatasetError(
        .notUTF8, "the line is not UTF-8; convert the file, for instance with iconv",
        path: text.path, line: line)
    }
    return text
  }

  private func fault(_ message: String, _ line: Int) -> DatasetError {
    DatasetError(.malformedLine, message, path: text.path, line: line)
  }
}
