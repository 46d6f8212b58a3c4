/// Byte strings one after the other.
struct ByteStrings: Hashable, Sendable {
  private(set) var bytes: [UInt8] = []
  /// Where each string starts, and at last where the last one ends.
  private var bounds: [Int] = [0]

  var count: Int { bounds.count - 1 }

  mutating func append(_ string: some Sequence<UInt8>) {
    bytes.append(contentsOf: string)
    bounds.append(bytes.count)
  }

  func range(_ index: Int) -> Range<Int> { bounds[index]..<bounds[index + 1] }

  /// The indices of the strings in the order of their bytes.
  func sortedIndices() -> [Int32] {
    // Most comparisons are settled by the first eight bytes, held as one number.
    var entries = (0..<count).map { (prefix: prefix(range($0)), index: Int32($0)) }
    bytes.withUnsafeBufferPointer { bytes in
      entries.sort { one, other in
        if one.prefix != other.prefix { return one.prefix < other.prefix }
        return bytes[range(Int(one.index))].lexicographicallyPrecedes(
          bytes[range(Int(other.index))])
      }
    }
    return entries.map(\.index)
  }

  private func prefix(_ range: Range<Int>) -> UInt64 {
    var prefix: UInt64 = 0
    for offset in 0..<8 {
      prefix = prefix << 8 | (offset < range.count ? UInt64(bytes[range.lowerBound + offset]) : 0)
    }
    return prefix
  }
}

extension Trie {
  /// Why no trie can be made of some keys.
  struct BuildingError: Error {
    /// The index of the key at fault.
    let index: Int
    let message: String
  }

  /// Builds the trie of `keys`, which hold no byte 0xFF, with their numbers, each of which is in
  /// `0...largestValue`; two equal keys are an error.
  init(keys: ByteStrings, values: [Int32]) throws(BuildingError) {
    guard keys.bytes.count < Int32.max, keys.count <= Trie.largestValue else {
      throw BuildingError(index: keys.count - 1, message: "there are too many tokens")
    }
    var builder = TrieBuilder(keys: keys, values: values)
    try builder.build()
    self.init(units: builder.units)
  }
}

/// Places one node after the other, depth first, into the first gap that takes all its children.
private struct TrieBuilder {
  let keys: ByteStrings
  let values: [Int32]
  let order: [Int32]
  var units: [UInt64] = []

  /// The free units as a ring; only blocks that are still open take part.
  private var next: [Int32] = []
  private var previous: [Int32] = []
  private var isFree: [Bool] = []
  private var isBase: [Bool] = []
  /// A free unit where the next search starts; -1 if there is none.
  private var head: Int32 = -1
  private var firstOpenBlock = 1

  /// How many blocks are searched for gaps before a new one is opened.
  private static let openBlocks = 16
  private static let empty = UInt64(Trie.noValue) << 8

  init(keys: ByteStrings, values: [Int32]) {
    self.keys = keys
    self.values = values
    order = keys.sortedIndices()
    units = [UInt64](repeating: Self.empty, count: 256)
    next = [Int32](repeating: -1, count: 256)
    previous = next
    isFree = [Bool](repeating: false, count: 256)
    isBase = isFree
    addBlock()
    take(Trie.rootIndex)
  }

  private struct Pending {
    let unit: Int
    let keys: Range<Int>
    let depth: Int
  }

  mutating func build() throws(Trie.BuildingError) {
    var pending = [Pending(unit: Trie.rootIndex, keys: 0..<order.count, depth: 0)]
    var labels: [UInt8] = []
    var starts: [Int] = []
    while let node = pending.popLast() {
      if node.keys.count == 1 {
        addTail(of: node)
        continue
      }
      let first = try setValue(of: node)
      labels.removeAll(keepingCapacity: true)
      starts.removeAll(keepingCapacity: true)
      for index in first..<node.keys.upperBound {
        let label = Trie.label(keys.bytes[keys.range(Int(order[index])).lowerBound + node.depth])
        if label != labels.last {
          labels.append(label)
          starts.append(index)
        }
      }
      if labels.isEmpty { continue }
      starts.append(node.keys.upperBound)
      let base = place(labels, under: node.unit)
      for index in labels.indices.reversed() {
        let unit = base ^ Int(labels[index])
        units[unit] |= UInt64(labels[index])
        pending.append(
          Pending(unit: unit, keys: starts[index]..<starts[index + 1], depth: node.depth + 1))
      }
    }
  }

  /// Marks the end of the key that ends at `node`; returns where its other keys start.
  private mutating func setValue(of node: Pending) throws(Trie.BuildingError) -> Int {
    func ends(_ index: Int) -> Bool {
      index < node.keys.upperBound && keys.range(Int(order[index])).count == node.depth
    }
    let first = node.keys.lowerBound
    guard ends(first) else { return first }
    if ends(first + 1) {
      let index = Int(max(order[first], order[first + 1]))
      let text = String(decoding: keys.bytes[keys.range(index)], as: UTF8.self)
      throw Trie.BuildingError(index: index, message: "\"\(text)\" is there twice")
    }
    units[node.unit] =
      units[node.unit] & ~(0xFF_FFFF << 8) | UInt64(values[Int(order[first])]) << 8
    return first + 1
  }

  /// Adds what is left of the only key that goes on from `node`: one unit after the other.
  private mutating func addTail(of node: Pending) {
    let index = Int(order[node.keys.lowerBound])
    let key = keys.range(index)
    var unit = node.unit
    for position in key.dropFirst(node.depth) {
      let label = Trie.label(keys.bytes[position])
      let child = place([label], under: unit) ^ Int(label)
      units[child] |= UInt64(label)
      unit = child
    }
    units[unit] = units[unit] & ~(0xFF_FFFF << 8) | UInt64(values[index]) << 8
  }

  /// Gives `unit` a base that no unit has and whose children under `labels` are free, and takes
  /// these.
  private mutating func place(_ labels: [UInt8], under unit: Int) -> Int {
    let base = gap(for: labels) ?? newBlock(for: labels)
    for label in labels { take(base ^ Int(label)) }
    isBase[base] = true
    units[unit] = units[unit] & 0xFFFF_FFFF | UInt64(base) << 32
    return base
  }

  private func gap(for labels: [UInt8]) -> Int? {
    guard head >= 0 else { return nil }
    var unit = head
    repeat {
      let base = Int(unit) ^ Int(labels[0])
      if !isBase[base], labels.allSatisfy({ isFree[base ^ Int($0)] }) { return base }
      unit = next[Int(unit)]
    } while unit != head
    return nil
  }

  private mutating func newBlock(for labels: [UInt8]) -> Int {
    let start = units.count
    addBlock()
    return start ^ Int(labels[0])
  }

  private mutating func addBlock() {
    let start = units.count
    units.append(contentsOf: repeatElement(Self.empty, count: 256))
    isFree.append(contentsOf: repeatElement(true, count: 256))
    isBase.append(contentsOf: repeatElement(false, count: 256))
    for unit in Int32(start)..<Int32(start + 256) {
      next.append(unit + 1)
      previous.append(unit - 1)
    }
    let last = Int32(start + 255)
    if head < 0 {
      head = Int32(start)
      next[Int(last)] = head
      previous[start] = last
    } else {
      let tail = previous[Int(head)]
      next[Int(tail)] = Int32(start)
      previous[start] = tail
      next[Int(last)] = head
      previous[Int(head)] = last
    }
    if units.count / 256 - firstOpenBlock > Self.openBlocks {
      for unit in firstOpenBlock * 256..<(firstOpenBlock + 1) * 256 where isFree[unit] {
        take(unit)
      }
      firstOpenBlock += 1
    }
  }

  private mutating func take(_ unit: Int) {
    isFree[unit] = false
    let (before, after) = (previous[unit], next[unit])
    if after == Int32(unit) {
      head = -1
      return
    }
    next[Int(before)] = after
    previous[Int(after)] = before
    if head == Int32(unit) { head = after }
  }
}
