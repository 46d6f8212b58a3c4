import Checkpoints
import Foundation
import Testing

/// A file that is read once, and hashed on the way.
@Suite struct SafetensorsReadingTests {
  /// More than three batches of 32 MiB, none of whose tensors begins at a page of the file.
  private static let sizes = [
    ("a", 3), ("b", 40 << 20 + 1), ("c", 0), ("d", 30 << 20 + 4097), ("e", 30 << 20), ("f", 5),
  ]

  private func byte(_ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: index &* index % 251) }

  /// The data of all tensors, end to end.
  private func data() -> [UInt8] {
    (0..<Self.sizes.reduce(0) { $0 + $1.1 }).map(byte)
  }

  private func file(_ directory: String, _ data: [UInt8]) throws -> SafetensorsFile {
    var (start, entries) = (0, [String]())
    for (name, size) in Self.sizes {
      entries.append(entry(name, "U8", [size], start, start + size))
      start += size
    }
    let path = directory + "/x.safetensors"
    try write(header: entries.joined(separator: ","), data: data, to: path)
    return try SafetensorsFile(contentsOf: path)
  }

  private final class Pieces {
    var bytes: [UInt8] = []
    var offsets: [Int] = []
  }

  /// One tensor goes to memory, one is handed over, the others count for the digest alone.
  @Test func everyByteArrivesAndIsHashed() throws {
    let data = data()
    try TemporaryDirectory.with { directory in
      let file = try file(directory, data)
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 40 << 20 + 1, alignment: 64)
      defer { memory.deallocate() }
      let pieces = Pieces()
      let (large, other) = (try #require(file.tensor("b")), try #require(file.tensor("d")))
      let digest = try file.digest(reading: [
        (
          other,
          .pieces { offset, bytes in
            pieces.offsets.append(offset)
            #expect(offset == pieces.bytes.count)
            pieces.bytes += bytes
          }
        ), (large, .memory(memory)),
      ])
      #expect(try digest == FileDigest(contentsOf: file.path))
      #expect(memory.elementsEqual(data[3..<3 + memory.count]))
      #expect(pieces.bytes == Array(data[(4 + 40 << 20)...].prefix(30 << 20 + 4097)))
      #expect(pieces.offsets.count > 5 && pieces.offsets.allSatisfy { $0 % 4096 == 0 })
      #expect(try file.digest(reading: []) == digest)
    }
  }

  /// What is hashed is what has arrived, not what the file was when it was opened.
  @Test func aChangeAfterOpeningIsHashed() throws {
    try TemporaryDirectory.with { directory in
      let file = try file(directory, data())
      let before = try FileDigest(contentsOf: file.path)
      let handle = try #require(FileHandle(forUpdatingAtPath: file.path))
      try handle.seek(toOffset: 50 << 20)
      try handle.write(contentsOf: Data([1, 2, 3, 4, 5, 6, 7]))
      try handle.close()
      #expect(try file.digest(reading: []) == FileDigest(contentsOf: file.path))
      #expect(try file.digest(reading: []) != before)
    }
  }

  @Test func aFileThatHasBecomeShorter() throws {
    try TemporaryDirectory.with { directory in
      let file = try file(directory, data())
      let handle = try #require(FileHandle(forUpdatingAtPath: file.path))
      try handle.truncate(atOffset: 60 << 20)
      try handle.close()
      let error = #expect(throws: CheckpointError.self) { try file.digest(reading: []) }
      #expect(error?.description == "\(file.path): ends at byte 62914560 by now; it had more")
      try FileManager.default.removeItem(atPath: file.path)
      let gone = #expect(throws: CheckpointError.self) { try file.digest(reading: []) }
      #expect(gone?.description.contains("No such file or directory") == true)
    }
  }
}
