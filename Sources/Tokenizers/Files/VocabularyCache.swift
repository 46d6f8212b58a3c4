import Glibc

/// Keeps large vocabularies in the form in which they are used, so that a file has to be read
/// through only once.
///
/// An entry is found by a hash of all bytes of the source: a file that changes has another entry.
/// Whatever is wrong with an entry, it is made anew; and where nothing can be written, nothing is
/// kept. No entry is ever needed, and the directory may be deleted at any time.
struct VocabularyCache {
  /// A source with the vocabulary taken out.
  struct Entry: Hashable {
    /// What is left of the source, as JSON.
    let skeleton: [UInt8]
    let vocabulary: Unigram.Vocabulary
  }

  let directory: String

  /// Smaller sources are read as fast as an entry.
  static let smallestSource = 2 << 20

  /// "ktrvoc" and the version of this layout.
  private static let magic: UInt64 = 0x0100_636F_7672_746B
  private static let headerCount = 7

  /// The entry of a source, nil if there is none or it is damaged.
  func entry(for source: [UInt8]) -> Entry? {
    let hash = xxHash64(source.span.bytes)
    // That there is no such file is the normal case.
    guard let bytes = try? readFile(path(hash, source.count)) else { return nil }
    return Self.decode(bytes, hash: hash, count: source.count)
  }

  /// Writes the entry of a source, in one step for all who look at it.
  func store(_ entry: Entry, for source: [UInt8]) {
    let hash = xxHash64(source.span.bytes)
    let bytes = Self.encode(entry, hash: hash, count: source.count)
    for end in directory.indices.dropFirst() where directory[end] == "/" {
      mkdir(String(directory[..<end]), 0o700)
    }
    mkdir(directory, 0o700)
    let path = path(hash, source.count)
    let temporary = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max))"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    var written = 0
    bytes.withUnsafeBytes { bytes in
      while written < bytes.count {
        let count = write(descriptor, bytes.baseAddress! + written, bytes.count - written)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { break }
        written += count
      }
    }
    let isClosed = close(descriptor) == 0
    if !isClosed || written < bytes.count || rename(temporary, path) != 0 { unlink(temporary) }
  }

  private func path(_ hash: UInt64, _ count: Int) -> String {
    "\(directory)/\(String(hash, radix: 16))-\(String(count, radix: 16))"
  }
}

extension VocabularyCache {
  /// A header of seven words, and what it counts.
  ///
  /// The words are the magic, the source's hash and length, the hash of what follows the header, and
  /// the counts of the skeleton's bytes, the trie's units and the scores. These follow in this
  /// order, the skeleton filled up to whole words; all in the machine's byte order.
  private static func encode(_ entry: Entry, hash: UInt64, count: Int) -> [UInt8] {
    var body = entry.skeleton
    body.append(contentsOf: repeatElement(0, count: -body.count & 7))
    entry.vocabulary.trie.units.withUnsafeBytes { body.append(contentsOf: $0) }
    entry.vocabulary.scores.withUnsafeBytes { body.append(contentsOf: $0) }
    let header = [
      magic, hash, UInt64(count), xxHash64(body.span.bytes), UInt64(entry.skeleton.count),
      UInt64(entry.vocabulary.trie.units.count), UInt64(entry.vocabulary.scores.count),
    ]
    return header.withUnsafeBytes { Array($0) } + body
  }

  private static func decode(_ bytes: [UInt8], hash: UInt64, count: Int) -> Entry? {
    let start = headerCount * 8
    guard bytes.count >= start, bytes.count % 8 == 0 else { return nil }
    let header: [UInt64] = elements(of: bytes, from: 0, count: headerCount)
    guard header[0] == magic, header[1] == hash, header[2] == UInt64(count),
      header[4...].allSatisfy({ $0 < UInt64(bytes.count) })
    else { return nil }
    let (text, units, scores) = (Int(header[4]), Int(header[5]), Int(header[6]))
    let unitsStart = start + (text + 7) / 8 * 8
    guard bytes.count == unitsStart + 8 * units + 8 * scores,
      header[3] == xxHash64(bytes.span.bytes.extracting(start..<bytes.count)),
      let trie = Trie(
        checking: elements(of: bytes, from: unitsStart, count: units), valueCount: scores)
    else { return nil }
    return Entry(
      skeleton: Array(bytes[start..<start + text]),
      vocabulary: .init(
        trie: trie, scores: elements(of: bytes, from: unitsStart + 8 * units, count: scores)))
  }

  private static func elements<Element: BitwiseCopyable>(
    of bytes: [UInt8], from start: Int, count: Int
  ) -> [Element] {
    [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      bytes.withUnsafeBytes { bytes in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(
          from: UnsafeRawBufferPointer(
            rebasing: bytes[start..<start + count * MemoryLayout<Element>.stride]))
      }
      initialized = count
    }
  }
}
