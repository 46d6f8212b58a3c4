import Glibc

/// The bytes of a text file as they are needed, in a buffer that grows with the longest record alone.
final class TextBuffer {
  /// The longest record that is read, in bytes: 64 MiB.
  static let longestRecord = 1 << 26

  let path: String
  private let longestRecord: Int
  private let stream: ByteStream
  private var buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1 << 18)
  /// The bytes of `buffer` that were read and belong to no record yet.
  private var pending = 0..<0
  private(set) var isAtEnd = false

  /// Opens a file and looks at its first bytes; a byte order mark is skipped.
  ///
  /// - Throws: ``DatasetError`` if it cannot be read, or is known to be of another format.
  init(path: String, format: FileFormat, longestRecord: Int = TextBuffer.longestRecord) throws {
    self.path = path
    self.longestRecord = longestRecord
    stream = try ByteStream(path: path)
    while pending.count < FileFormat.signatureLength && !isAtEnd { try fill() }
    try format.check(start: buffer[pending.prefix(FileFormat.signatureLength)], path: path)
    if buffer[pending].starts(with: [0xEF, 0xBB, 0xBF]) { pending = pending.dropFirst(3) }
  }

  deinit { buffer.deallocate() }

  /// The bytes that were read and not taken; valid until the next call of ``fill()``.
  var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: buffer[pending]) }

  /// Takes bytes from the front; they stay valid until the next call of ``fill()``.
  ///
  /// - Parameters:
  ///   - count: How many belong to the record.
  ///   - gap: How many after them, like its end, belong to nothing.
  /// - Returns: The record.
  func take(_ count: Int, gap: Int = 0) -> UnsafeBufferPointer<UInt8> {
    let taken = UnsafeBufferPointer(rebasing: buffer[pending.prefix(count)])
    pending = pending.dropFirst(count + gap)
    return taken
  }

  /// Reads more bytes behind those that are there.
  ///
  /// - Parameter line: Where the record that they belong to begins, for an error.
  /// - Throws: ``DatasetError`` of code `lineTooLong` if there are more than a record may have.
  func fill(line: Int = 1) throws {
    try check(pending.count, line: line)
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

  /// Checks that a record is no longer than the limit.
  func check(_ count: Int, line: Int) throws {
    guard count > longestRecord else { return }
    throw DatasetError(
      .lineTooLong, "the line is longer than the limit of \(longestRecord) bytes; split the text",
      path: path, line: line)
  }
}
