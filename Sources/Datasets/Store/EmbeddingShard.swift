import Glibc

/// A file of embeddings by text, mapped into memory: the system reads the rows that are used, and may
/// forget them again.
final class EmbeddingShard: Sendable {
  /// The texts, `[n]`.
  nonisolated(unsafe) let digests: UnsafeBufferPointer<TextDigest>
  /// The embeddings, `[n, D]`, row after row.
  nonisolated(unsafe) let embeddings: UnsafeBufferPointer<Float>
  private nonisolated(unsafe) let mapping: UnsafeMutableRawPointer
  private let size: Int

  static let about =
    "Embeddings of texts by one model; row i is the embedding of the text with digest i"

  /// - Parameters:
  ///   - file: The part, just opened.
  ///   - input: The same file.
  ///   - rows: How many rows it should have.
  ///   - dimension: The width of an embedding.
  /// - Throws: ``DatasetError`` of code `corrupt` or `unreadable`.
  init(_ file: HDF5File, _ input: InputFile, rows: Int, dimension: Int) throws {
    func fault(_ message: String) -> DatasetError {
      DatasetError(.corrupt, message, path: file.path)
    }
    let shapes = (
      try file.shape(of: "digests", UInt8.self, rank: 2),
      try file.shape(of: "embeddings", Float.self, rank: 2)
    )
    guard rows > 0, shapes.0 == [rows, 16], shapes.1 == [rows, dimension] else {
      throw fault(
        "digests and embeddings have shapes \(shapes.0) and \(shapes.1), "
          + "expected \([rows, 16]) and \([rows, dimension])")
    }
    size = try input.size()
    guard let digestStart = try file.offset(of: "digests"), digestStart % 16 == 0,
      let start = try file.offset(of: "embeddings"), start % 16 == 0,
      max(digestStart + rows * 16, start + rows * dimension * 4) <= size
    else { throw fault("digests or embeddings are not stored in one piece") }
    guard let mapping = mmap(nil, size, PROT_READ, MAP_SHARED, input.descriptor, 0),
      mapping != MAP_FAILED
    else { throw InputFile.unreadable(file.path, errno) }
    self.mapping = mapping
    digests = .init(
      start: (mapping + digestStart).bindMemory(to: TextDigest.self, capacity: rows), count: rows)
    embeddings = .init(
      start: (mapping + start).bindMemory(to: Float.self, capacity: rows * dimension),
      count: rows * dimension)
  }

  deinit { munmap(mapping, size) }

  /// Writes a file.
  ///
  /// - Returns: The file, open.
  static func write(
    _ digests: UnsafeBufferPointer<TextDigest>, _ embeddings: UnsafeBufferPointer<Float>,
    of key: StoreKey, to directory: String
  ) throws -> InputFile {
    let bytes = UnsafeRawBufferPointer(digests)
    // Named for the texts: two processes that add different ones do not meet.
    let hash = SHA256()
    hash.update(bytes)
    let path = directory + "/" + key.fileName(shard: "\(hash.finishHexadecimal().prefix(16))")
    let (rows, dimension) = (digests.count, embeddings.count / digests.count)
    return try StoreFile.write(path, key, description: about, rows: rows) { file in
      try file.write(
        bytes.bindMemory(to: UInt8.self), shape: [rows, 16], as: "digests",
        description: "The first 16 bytes of the SHA-256 of what was encoded", unit: "1")
      try file.write(
        embeddings, shape: [rows, dimension], as: "embeddings",
        description: "The embedding of each text", unit: "1")
    }
  }
}
