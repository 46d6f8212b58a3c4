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

    /// Where the child under `label` stands if there is one.
    @inline(__always)
    fileprivate func index(of label: UInt8) -> Int {
      Int(truncatingIfNeeded: unit >> 32) ^ Int(label)
    }

    /// The unit as a place; nil if it is not the child that was looked for.
    @inline(__always)
    fileprivate init?(_ unit: UInt64, under label: UInt8) {
      if UInt8(truncatingIfNeeded: unit) != label { return nil }
      self.unit = unit
    }

    fileprivate init(_ unit: UInt64) { self.unit = unit }

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

  /// Takes units from a file; nil if a walk over them could leave them, or end in a number that is
  /// not below `valueCount`.
  init?(checking units: [UInt64], valueCount: Int) {
    guard units.count % 256 == 0, units.count > Self.rootIndex else { return nil }
    for unit in units {
      let value = Int(truncatingIfNeeded: unit >> 8) & 0xFF_FFFF
      guard unit >> 32 < units.count, value < valueCount || value == Self.noValue else {
        return nil
      }
    }
    self.units = units
  }

  var root: Node { Node(units[Self.rootIndex]) }

  /// The place after one more byte; nil if no string goes on with it.
  @inline(__always)
  func child(of node: Node, under byte: UInt8) -> Node? {
    let label = Self.label(byte)
    return Node(units[node.index(of: label)], under: label)
  }

  /// The root, for a walk over the array itself.
  static func root(of units: UnsafeBufferPointer<UInt64>) -> Node { Node(units[rootIndex]) }

  /// The place after one more byte, in a walk over the array itself, which is not checked: bases
  /// lie within it.
  @inline(__always)
  static func child(
    of node: Node, under byte: UInt8, in units: UnsafeBufferPointer<UInt64>
  ) -> Node? {
    let label = Self.label(byte)
    return Node(units[node.index(of: label)], under: label)
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

  /// Calls `body` with every string of the set and its number, in the order of the bytes.
  func forEach(_ body: (_ key: [UInt8], _ value: Int32) -> Void) {
    var key: [UInt8] = []
    func walk(_ node: Node) {
      if let value = node.value { body(key, value) }
      // A base of zero children is the empty block's: nothing is found under it.
      for byte in UInt8(0)..<0xFF {
        guard let child = child(of: node, under: byte) else { continue }
        key.append(byte)
        walk(child)
        key.removeLast()
      }
    }
    walk(root)
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
