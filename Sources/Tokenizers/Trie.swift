/// A set of byte strings, each with a number, that is walked a byte at a time: a double array, so
/// that a step is one load.
///
/// A unit holds the byte that leads to it (low 8 bits), the number of the string that ends there
/// (24 bits, all ones for none) and the base of its children (high 32 bits): the child under byte
/// `b` stands at `base ^ label(b)`. No two units share a base, so the byte alone tells whether a
/// unit is the child that was looked for.
///
/// After Aoe, 1989, "An Efficient Digital Search Algorithm by Using a Double-Array Structure", and
/// Yata's darts-clone, which fills the array in blocks of 256 as `TrieBuilder` does.
struct Trie: Hashable, Sendable {
  /// A place in the trie: the strings that begin with the bytes walked so far.
  struct Node: Hashable, Sendable {
    fileprivate let unit: UInt64

    /// The number of the string that ends here; nil if none does.
    @inline(__always)
    var value: Int32? {
      let value = Int32(truncatingIfNeeded: unit >> 8) & 0xFF_FFFF
      return value == Trie.noValue ? nil : value
    }
  }

  /// The largest number that a string can have.
  static let largestValue = 0xFF_FFFE
  static let noValue: Int32 = 0xFF_FFFF
  /// Where the root stands: the block before it is empty, and is the base of childless units.
  static let rootIndex = 256

  /// A whole number of blocks of 256, and every base lies in one of them.
  let units: [UInt64]

  init(units: [UInt64]) { self.units = units }

  var root: Node { Node(unit: units[Self.rootIndex]) }

  /// The place after one more byte; nil if no string goes on with it.
  @inline(__always)
  func child(of node: Node, under byte: UInt8) -> Node? {
    let label = Self.label(byte)
    let unit = units[Int(truncatingIfNeeded: node.unit >> 32) ^ Int(label)]
    return UInt8(truncatingIfNeeded: unit) == label ? Node(unit: unit) : nil
  }

  /// The number of the string `key`; nil if it is not in the set.
  func value(of key: some Sequence<UInt8>) -> Int32? { node(of: key)?.value }

  /// The place that `key` leads to.
  func node(of key: some Sequence<UInt8>) -> Node? {
    var node = root
    for byte in key {
      guard let child = child(of: node, under: byte) else { return nil }
      node = child
    }
    return node
  }

  /// The longest string of the set with which `text` goes on at `start`.
  @inline(__always)
  func longestMatch(
    in text: Span<UInt8>, from start: Int, to end: Int, under node: Node
  ) -> (value: Int32, end: Int)? {
    var node = node
    var longest: (value: Int32, end: Int)?
    var position = start
    while position < end, let child = child(of: node, under: text[position]) {
      node = child
      position += 1
      if let value = node.value { longest = (value, position) }
    }
    return longest
  }

  /// 0 marks an empty unit, so no byte of UTF-8 may have it: 0xFF, its complement, is none.
  @inline(__always)
  static func label(_ byte: UInt8) -> UInt8 { ~byte }
}
