/// A string that equals another only if their bytes are the same, as in Python; Swift's own equality
/// takes two spellings of one accented letter for the same.
struct ByteString: Hashable {
  let string: String

  init(_ string: String) { self.string = string }

  static func == (one: Self, other: Self) -> Bool {
    one.string.utf8.elementsEqual(other.string.utf8)
  }

  func hash(into hasher: inout Hasher) {
    var string = string
    string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
