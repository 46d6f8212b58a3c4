import CZlib

/// The bytes of a file, decompressed if they are gzip data.
///
/// Whether they are is told by the first two bytes. A gzip file may have several members one after
/// the other, which make one text, and zeros at its end.
final class ByteStream {
  private static let chunk = 1 << 18

  private let file: InputFile
  private let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: chunk)
  /// The bytes of `input` that nobody has had yet.
  private var unread = 0..<0
  private var inflater: Inflater?
  private var isInsideMember = false

  init(path: String) throws {
    file = try InputFile(path: path)
    while unread.count < 2 {
      let count = try file.read(into: .init(rebasing: input[unread.count...]))
      if count == 0 { break }
      unread = 0..<unread.count + count
    }
    if input[unread].starts(with: [0x1F, 0x8B]) {
      inflater = Inflater()
    } else if path.hasSuffix(".gz") && !unread.isEmpty {
      throw DatasetError(
        .unsupportedFormat,
        "the name ends in .gz but the file is not gzip data; rename or compress it", path: path)
    }
  }

  deinit { input.deallocate() }

  /// Writes bytes to the start of `buffer`, which is not empty, and says how many; 0 at the end.
  func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws -> Int {
    if let inflater { return try inflate(with: inflater, into: buffer) }
    if unread.isEmpty { return try file.read(into: buffer) }
    let count = min(unread.count, buffer.count)
    _ = buffer.update(fromContentsOf: input[unread.prefix(count)])
    unread = unread.dropFirst(count)
    return count
  }

  private func inflate(
    with inflater: Inflater, into buffer: UnsafeMutableBufferPointer<UInt8>
  ) throws -> Int {
    while true {
      if unread.isEmpty {
        unread = 0..<(try file.read(into: input))
        if unread.isEmpty {
          guard !isInsideMember else {
            throw DatasetError(
              .corrupt, "the gzip data end too soon; copy or compress the file again",
              path: file.path)
          }
          return 0
        }
      }
      if !isInsideMember {
        unread = unread.drop { input[$0] == 0 }
        if unread.isEmpty { continue }
        isInsideMember = true
      }
      let step = inflater.inflate(.init(rebasing: input[unread]), into: buffer)
      unread = unread.dropFirst(step.consumed)
      switch step.outcome {
      case .more: break
      case .endOfMember: isInsideMember = false
      case .fault(let reason):
        throw DatasetError(
          .corrupt, "the gzip data are damaged (\(reason)); copy or compress the file again",
          path: file.path)
      }
      if step.produced > 0 { return step.produced }
    }
  }
}

/// zlib's state for gzip members, ready for the next one when one has ended.
private final class Inflater {
  enum Outcome { case more, endOfMember, fault(String) }

  /// At a fixed address, for zlib keeps a pointer to it.
  private let stream: UnsafeMutablePointer<z_stream>

  init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15: the largest window; 16: gzip members and nothing else.
    let status = inflateInit2_(
      stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib cannot start: status \(status)")
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  func inflate(
    _ input: UnsafeMutableBufferPointer<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>
  ) -> (consumed: Int, produced: Int, outcome: Outcome) {
    let room = min(output.count, Int(UInt32.max))
    stream.pointee.next_in = input.baseAddress
    stream.pointee.avail_in = UInt32(input.count)
    stream.pointee.next_out = output.baseAddress
    stream.pointee.avail_out = UInt32(room)
    let status = CZlib.inflate(stream, Z_NO_FLUSH)
    let consumed = input.count - Int(stream.pointee.avail_in)
    let produced = room - Int(stream.pointee.avail_out)
    switch status {
    case Z_OK, Z_BUF_ERROR: return (consumed, produced, .more)
    case Z_STREAM_END:
      inflateReset(stream)
      return (consumed, produced, .endOfMember)
    default:
      let reason = stream.pointee.msg.map { String(cString: $0) } ?? "zlib status \(status)"
      return (consumed, produced, .fault(reason))
    }
  }
}
