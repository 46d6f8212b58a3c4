import Glibc

/// The lines of a text file, one at a time, in memory that grows with the longest line alone.
///
/// A line ends in LF or CR LF, which are not part of it; the last one need not. A byte order mark at
/// the file's start is skipped.
package final class LineReader {
  /// The longest line that is read, in bytes: 64 MiB.
  package static let longestLine = 1 << 26

  let path: String
  /// The number of the line that was read last, from 1.
  private var lineNumber = 0
  private let longestLine: Int
  private let stream: ByteStream
  private var buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1 << 18)
  /// The bytes of `buffer` that were read and belong to no line yet.
  private var pending = 0..<0
  private var isAtEnd = false

  /// Opens a file and looks at its first bytes.
  ///
  /// - Throws: ``DatasetError`` if it cannot be read, or is known to be of another format.
  package init(path: String, format: FileFormat, longestLine: Int = LineReader.longestLine) throws {
    self.path = path
    self.longestLine = longestLine
    try format.check(name: path)
    stream = try ByteStream(path: path)
    while pending.count < FileFormat.signatureLength && !isAtEnd { try fill() }
    try format.check(start: buffer[pending.prefix(FileFormat.signatureLength)], path: path)
    if buffer[pending].starts(with: [0xEF, 0xBB, 0xBF]) { pending = pending.dropFirst(3) }
  }

  deinit { buffer.deallocate() }

  /// Passes on one line after another with its number, from 1; lines of white space are skipped.
  ///
  /// - Parameter body: Returns whether to go on.
  /// - Throws: What `body` throws, and ``DatasetError`` if the file cannot be read further.
  package func forEach(
    _ body: (_ line: UnsafeBufferPointer<UInt8>, _ number: Int) throws -> Bool
  ) throws {
    while let range = try nextLine() {
      let line = UnsafeBufferPointer(rebasing: buffer[range])
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      guard try body(line, lineNumber) else { return }
    }
  }

  /// Where the next line stands in `buffer` until the next call.
  private func nextLine() throws -> Range<Int>? {
    var searched = 0
    while true {
      if let newline = firstNewline(in: pending.dropFirst(searched)) {
        let line = pending.lowerBound..<newline
        pending = newline + 1..<pending.upperBound
        return try finish(line)
      }
      if isAtEnd {
        let line = pending
        pending = line.upperBound..<line.upperBound
        return line.isEmpty ? nil : try finish(line)
      }
      searched = pending.count
      guard searched <= longestLine else { throw tooLong() }
      try fill()
    }
  }

  private func finish(_ line: Range<Int>) throws -> Range<Int> {
    guard line.count <= longestLine else { throw tooLong() }
    lineNumber += 1
    return line.last.map { buffer[$0] == UInt8(ascii: "\r") } == true ? line.dropLast() : line
  }

  private func firstNewline(in range: Range<Int>) -> Int? {
    guard let base = buffer.baseAddress, !range.isEmpty,
      let found = memchr(base + range.lowerBound, 0x0A, range.count)
    else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  /// Reads more bytes behind those that are pending.
  private func fill() throws {
    let larger = pending.count > buffer.count / 2 ? 2 * buffer.count : buffer.count
    let moved = larger > buffer.count ? .allocate(capacity: larger) : buffer
    if let target = moved.baseAddress, let source = buffer.baseAddress {
      memmove(target, source + pending.lowerBound, pending.count)
    }
    if larger > buffer.count {
      buffer.deallocate()
      buffer = moved
    }
    pending = 0..<pending.count
    let count = try stream.read(into: .init(rebasing: buffer[pending.count...]))
    isAtEnd = count == 0
    pending = 0..<pending.count + count
  }

  private func tooLong() -> DatasetError {
    DatasetError(
      .lineTooLong, "the line is longer than the limit of \(longestLine) bytes; split the text",
      path: path, line: lineNumber + 1)
  }
}
