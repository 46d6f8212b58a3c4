/// Byte strings one after the other.
struct ByteStrings: Hashable, Sendable {
  private(set) var bytes: [UInt8] = []
  private(set) var ends: [Int] = []

  var count: Int { ends.count }

  mutating func append(_ string: some Sequence<UInt8>) {
    bytes.append(contentsOf: string)
    ends.append(bytes.count)
  }

  func range(_ index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }

  /// The indices of the strings in the order of their bytes.
  func sortedIndices() -> [Int] {
    bytes.withUnsafeBufferPointer { bytes in
      (0..<count).sorted { one, other in
        bytes[range(one)].lexicographicallyPrecedes(bytes[range(other)])
      }
    }
  }
}

extension Trie {
  /// Builds the trie of `keys`, which are distinct and hold no byte 0xFF, with their numbers, each
  /// of which is in `0...largestValue`.
  init(keys: ByteStrings, values: [Int32]) {
    var builder = TrieBuilder(keys: keys, values: values)
    builder.build()
    self.init(units: builder.units)
  }
}

/// Places one node after the other, depth first, into the first gap that takes all its children.
private struct TrieBuilder {
  let keys: ByteStrings
  let values: [Int32]
  let order: [Int]
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

  init(keys: ByteStrings, values: [Int32]) {
    self.keys = keys
    self.values = values
    order = keys.sortedIndices()
    let empty = UInt64(Trie.noValue) << 8
    units = [UInt64](repeating: empty, count: 256)
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

  mutating func build() {
    var pending = [Pending(unit: Trie.rootIndex, keys: 0..<order.count, depth: 0)]
    var labels: [UInt8] = []
    var starts: [Int] = []
    while let node = pending.popLast() {
      var first = node.keys.lowerBound
      if first < node.keys.upperBound, keys.range(order[first]).count == node.depth {
        setValue(values[order[first]], of: node.unit)
        first += 1
      }
      labels.removeAll(keepingCapacity: true)
      starts.removeAll(keepingCapacity: true)
      for index in first..<node.keys.upperBound {
        let label = Trie.label(keys.bytes[keys.range(order[index]).lowerBound + node.depth])
        if label != labels.last {
          labels.append(label)
          starts.append(index)
        }
      }
      if labels.isEmpty { continue }
      starts.append(node.keys.upperBound)
      let base = place(labels)
      isBase[base] = true
      units[node.unit] = units[node.unit] & 0xFFFF_FFFF | UInt64(base) << 32
      for index in labels.indices.reversed() {
        let unit = base ^ Int(labels[index])
        units[unit] |= UInt64(labels[index])
        pending.append(
          Pending(unit: unit, keys: starts[index]..<starts[index + 1], depth: node.depth + 1))
      }
    }
  }

  private mutating func setValue(_ value: Int32, of unit: Int) {
    units[unit] = units[unit] & ~(0xFF_FFFF << 8) | UInt64(value) << 8
  }

  /// Finds a base that no unit has and whose children under `labels` are free, and takes them.
  private mutating func place(_ labels: [UInt8]) -> Int {
    let base = gap(for: labels) ?? newBlock(for: labels)
    for label in labels { take(base ^ Int(label)) }
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
    units.append(contentsOf: repeatElement(UInt64(Trie.noValue) << 8, count: 256))
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
