/// The first 128 bits of the SHA-256 of a text: what tells texts apart in a store.
///
/// Over all texts that one could ever encode, two with the same digest are not to be expected
/// (10¹² texts: a chance of 10⁻¹⁵).
package struct TextDigest: Hashable, Sendable, CustomStringConvertible {
  /// The bytes as they stand in memory, eight in each word.
  private let words: (UInt64, UInt64)

  /// The digest of bytes.
  package init(of bytes: UnsafeRawBufferPointer) {
    let hash = SHA256()
    hash.update(bytes)
    self.init(finishing: hash)
  }

  /// The digest of a text's UTF-8.
  package init(of text: String) {
    var text = text
    self = text.withUTF8 { TextDigest(of: UnsafeRawBufferPointer($0)) }
  }

  fileprivate init(finishing hash: SHA256) {
    words = hash.finish { ($0.load(as: UInt64.self), $0.load(fromByteOffset: 8, as: UInt64.self)) }
  }

  /// A number for hash tables; the bits are as good as random.
  var hash: Int { Int(truncatingIfNeeded: words.0) }

  /// The bytes in 32 hexadecimal digits.
  package var description: String { withUnsafeBytes(of: words) { hexadecimal($0) } }

  /// Whether the bytes are the same.
  package static func == (one: Self, other: Self) -> Bool {
    one.words.0 == other.words.0 && one.words.1 == other.words.1
  }

  /// Feeds the bytes to a hasher.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
  }
}

extension TextColumn {
  /// The digest of each row's text.
  ///
  /// - Parameter prefix: What is put in front of each text, as a prompt is.
  /// - Returns: One for each row.
  package func textDigests(prefix: String = "") -> [TextDigest] {
    var prefix = prefix
    return prefix.withUTF8 { prefix in
      let hash = SHA256()
      return indices.map { row in
        hash.update(UnsafeRawBufferPointer(prefix))
        withUTF8(at: row) { hash.update(UnsafeRawBufferPointer($0)) }
        return TextDigest(finishing: hash)
      }
    }
  }

  /// SHA-256 over the texts in order, each after its length in eight bytes, in hexadecimal digits:
  /// what a part of a store names as its `source`.
  package func sha256() -> String {
    let hash = SHA256()
    for row in indices {
      withUTF8(at: row) { text in
        withUnsafeBytes(of: UInt64(text.count).littleEndian) { hash.update($0) }
        hash.update(UnsafeRawBufferPointer(text))
      }
    }
    return hash.finishHexadecimal()
  }
}
