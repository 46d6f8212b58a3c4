import Glibc

/// The embeddings of texts by one model, found by the texts' digests; any number of data sets share
/// them.
///
/// They lie in files that are mapped into memory, so they take no more of it than the system can
/// spare; for each text 16 bytes and its share of a hash table stay in memory.
package struct EmbeddingStore: Sendable {
  /// How many rows a file has at most: what a run that is killed loses, if it adds as many at a time.
  package static let rowsPerShard = 1 << 16

  /// The model and its settings.
  package let key: StoreKey
  /// The width of an embedding, D.
  package let dimension: Int
  /// The files that were damaged when the store was opened, with what is wrong, one line each.
  ///
  /// Their texts are missing from the store. The files are removed by the next ``append(_:_:)``.
  package private(set) var damages: [DatasetError] = []
  private let directory: String
  private var shards: [EmbeddingShard] = []
  /// The number of the first row of each shard.
  private var starts: [Int] = []
  private var table = DigestTable()

  init(directory: String, key: StoreKey, dimension: Int) throws {
    precondition(key.kind == .embeddings, "a key of \(key.kind) for embeddings")
    precondition(dimension > 0, "embeddings of dimension \(dimension)")
    (self.directory, self.key, self.dimension) = (directory, key, dimension)
    for name in try AtomicOutput.names(in: directory)
    where name.hasPrefix(key.fileNamePrefix + "-") && name.hasSuffix(".h5") {
      do {
        try StoreFile.read(directory + "/" + name, key) { file, input, rows in
          add(try EmbeddingShard(file, input, rows: rows, dimension: dimension))
        }
      } catch let error as DatasetError where error.code == .corrupt {
        damages.append(error)
      }
    }
  }

  /// How many embeddings there are.
  package var count: Int { table.digests.count }

  /// The row of a text's embedding; nil if it is not there.
  package func row(of digest: TextDigest) -> Int? { table.number(of: digest) }

  /// Where in a list of digests those stand that are not there; of equal ones the first.
  package func missing(among digests: some Collection<TextDigest>) -> [Int] {
    var seen = Set<TextDigest>()
    return digests.enumerated().compactMap { index, digest in
      row(of: digest) == nil && seen.insert(digest).inserted ? index : nil
    }
  }

  /// Calls `body` with an embedding, which is valid during the call.
  ///
  /// - Parameters:
  ///   - row: As ``row(of:)`` says.
  ///   - body: What to do with the D numbers.
  /// - Returns: What `body` returns.
  package func withRow<Result>(
    _ row: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    precondition((0..<count).contains(row), "row \(row) of \(count) embeddings")
    var (low, high) = (0, starts.count)  // the shard is the last that starts at `row` or before
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= row { low = middle } else { high = middle }
    }
    let first = (row - starts[low]) * dimension
    return try withExtendedLifetime(shards[low]) { shard in
      try body(.init(rebasing: shard.embeddings[first..<first + dimension]))
    }
  }

  /// Copies an embedding.
  ///
  /// - Parameters:
  ///   - row: As ``row(of:)`` says.
  ///   - target: D numbers.
  package func copyRow(_ row: Int, to target: UnsafeMutableBufferPointer<Float>) {
    precondition(target.count == dimension, "\(target.count) numbers for \(dimension)")
    withRow(row) { _ = target.update(fromContentsOf: $0) }
  }

  /// Adds embeddings, which are on the disk when this returns.
  ///
  /// Each call writes files of its own, so it should be given thousands of rows.
  ///
  /// - Parameters:
  ///   - digests: The texts, `[n]`.
  ///   - embeddings: `[n, D]`, row after row.
  /// - Throws: ``DatasetError``; some of the rows may then have been added.
  package mutating func append(
    _ digests: [TextDigest], _ embeddings: UnsafeBufferPointer<Float>
  ) throws {
    precondition(
      embeddings.count == digests.count * dimension,
      "\(embeddings.count) numbers for \(digests.count) embeddings of \(dimension)")
    guard !digests.isEmpty else { return }
    try AtomicOutput.createFolder(directory)
    var written: Set<String> = []
    for first in stride(from: 0, to: digests.count, by: Self.rowsPerShard) {
      let rows = first..<min(first + Self.rowsPerShard, digests.count)
      let numbers = rows.lowerBound * dimension..<rows.upperBound * dimension
      let file = try digests.withUnsafeBufferPointer { digests in
        try EmbeddingShard.write(
          .init(rebasing: digests[rows]), .init(rebasing: embeddings[numbers]), of: key,
          to: directory)
      }
      written.insert(file.path)
      try StoreFile.read(file, key) { file, input, rows in
        add(try EmbeddingShard(file, input, rows: rows, dimension: dimension))
      }
    }
    try removeDamaged(except: written)
  }

  private mutating func add(_ shard: EmbeddingShard) {
    starts.append(count)
    shards.append(shard)
    table.append(contentsOf: shard.digests)
  }

  private mutating func removeDamaged(except written: Set<String>) throws {
    for damage in damages where !written.contains(damage.path) {
      guard unlink(damage.path) == 0 || errno == ENOENT else {
        throw DatasetError.unwritable("this damaged file cannot be removed", path: damage.path)
      }
    }
    damages = []
  }
}
