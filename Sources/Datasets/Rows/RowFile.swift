import JSONValues

/// A file of rows in any of the formats that are read here but HDF5.
///
/// | format | known by |
/// |---|---|
/// | CSV | its name: `.csv` |
/// | TSV | its name: `.tsv`, `.tab` |
/// | a JSON array | its first byte that is no white space: `[` |
/// | JSONL | anything else |
///
/// Each may be compressed by gzip, in which case `.gz` may stand behind the name.
enum RowFile {
  /// Passes on one row after another with the line on which it begins, from 1.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - body: Returns whether to go on.
  /// - Throws: What `body` throws, and ``DatasetError`` at the first fault of the file.
  static func forEachRow(
    of path: String, _ body: (_ row: JSONObject, _ line: Int) throws -> Bool
  ) throws {
    let text = try TextBuffer(path: path, format: .rows)
    if let separator = separator(of: path) {
      var rows = DelimitedRows(text, separator: separator)
      return try rows.forEach(body)
    }
    if try isArray(text) {
      var rows = ArrayRows(text)
      return try rows.forEach(body)
    }
    try LineReader(text).forEach { bytes, line in
      try body(JSONLine.object(of: bytes, path: path, line: line), line)
    }
  }

  private static func separator(of path: String) -> UInt8? {
    var name = path.lowercased()
    if name.hasSuffix(".gz") { name.removeLast(3) }
    if name.hasSuffix(".csv") { return UInt8(ascii: ",") }
    return name.hasSuffix(".tsv") || name.hasSuffix(".tab") ? UInt8(ascii: "\t") : nil
  }

  private static func isArray(_ text: TextBuffer) throws -> Bool {
    while true {
      let first = text.bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
      if first != nil || text.isAtEnd { return first == UInt8(ascii: "[") }
      try text.fill()
    }
  }
}
