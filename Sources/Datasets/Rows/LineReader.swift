import Glibc

/// The lines of a text file, one at a time, in memory that grows with the longest line alone.
///
/// A line ends in LF or CR LF, which are not part of it; the last one need not. A byte order mark at
/// the file's start is skipped.
package final class LineReader {
  let path: String
  /// The number of the line that was read last, from 1.
  private var lineNumber = 0
  private let text: TextBuffer

  /// Opens a file and looks at its first bytes.
  ///
  /// - Throws: ``DatasetError`` if it cannot be read, or is known to be of another format.
  package convenience init(path: String, format: FileFormat, longestLine: Int? = nil) throws {
    self.init(
      try TextBuffer(
        path: path, format: format, longestRecord: longestLine ?? TextBuffer.longestRecord))
  }

  init(_ text: TextBuffer) { (self.text, path) = (text, text.path) }

  /// Passes on one line after another with its number, from 1; lines of white space are skipped.
  ///
  /// - Parameter body: Returns whether to go on.
  /// - Throws: What `body` throws, and ``DatasetError`` if the file cannot be read further.
  package func forEach(
    _ body: (_ line: UnsafeBufferPointer<UInt8>, _ number: Int) throws -> Bool
  ) throws {
    while let line = try nextLine() {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      guard try body(line, lineNumber) else { return }
    }
  }

  /// The next line, valid until the next call.
  private func nextLine() throws -> UnsafeBufferPointer<UInt8>? {
    var searched = 0
    while true {
      let bytes = text.bytes
      if let length = firstNewline(in: bytes, from: searched) {
        return try finish(text.take(length, gap: 1))
      }
      if text.isAtEnd { return bytes.isEmpty ? nil : try finish(text.take(bytes.count)) }
      searched = bytes.count
      try text.fill(line: lineNumber + 1)
    }
  }

  private func finish(_ line: UnsafeBufferPointer<UInt8>) throws -> UnsafeBufferPointer<UInt8> {
    lineNumber += 1
    try text.check(line.count, line: lineNumber)
    return line.last == UInt8(ascii: "\r") ? .init(rebasing: line.dropLast()) : line
  }

  private func firstNewline(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    guard let base = bytes.baseAddress, start < bytes.count,
      let found = memchr(base + start, 0x0A, bytes.count - start)
    else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }
}
