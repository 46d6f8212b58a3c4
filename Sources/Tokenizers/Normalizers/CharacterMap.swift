/// sentencepiece's character map: a double array from byte strings to their replacements.
///
/// The bytes are, in little-endian order, the array's length in bytes, the array in units of 32
/// bits, and the replacements, each ended by a zero byte. Of a unit, bits 0–7 are the byte that
/// leads to it (bit 31 must be clear), bit 8 says that a leaf hangs on it, and bits 10–30 are the
/// offset to its children, times 256 if bit 9 is set. A leaf holds in bits 0–30 where its
/// replacement starts.
///
/// Reference: darts-clone, <https://github.com/s-yata/darts-clone>, as sentencepiece writes it.
struct CharacterMap: Hashable, Sendable {
  private let units: [UInt32]
  private let replacements: [UInt8]

  /// What is wrong with bytes that are no character map.
  struct Fault: Error {
    let message: String
  }

  /// Reads a map and checks all that can be reached in it.
  init(_ bytes: Span<UInt8>) throws(Fault) {
    func word(_ index: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[4 * index + $1]) << UInt32(8 * $1) }
    }
    guard bytes.count >= 4 else { throw Fault(message: "\(bytes.count) bytes are no map") }
    let length = Int(word(0))
    guard length % 4 == 0, length > 0, length <= bytes.count - 4 else {
      throw Fault(
        message: "its array is said to have \(length) of \(bytes.count - 4) bytes, "
          + "which are not whole units of 4")
    }
    units = (1...length / 4).map(word)
    replacements = (4 + length..<bytes.count).map { bytes[$0] }
    guard String(validating: replacements, as: UTF8.self) != nil else {
      throw Fault(message: "its replacements are not UTF-8")
    }
    try check()
  }

  /// The replacement for the shortest beginning of `text[range]` that has one.
  @inline(__always)
  func replacement(in text: Span<UInt8>, _ range: Range<Int>) -> Range<Int>? {
    var base = Self.offset(units[0])
    for position in range {
      let byte = text[position]
      if byte == 0 { return nil }
      let child = base ^ Int(byte)
      let unit = units[child]
      if !Self.isChild(unit, under: byte) { return nil }
      base = child ^ Self.offset(unit)
      if Self.hasLeaf(unit) { return replacement(at: Self.leaf(units[base])) }
    }
    return nil
  }

  /// Appends the replacement that lies at `range`.
  func append(_ range: Range<Int>, to output: inout [UInt8]) {
    output.append(contentsOf: replacements[range])
  }

  private func replacement(at start: Int) -> Range<Int> {
    start..<(replacements[start...].firstIndex(of: 0) ?? replacements.count)
  }

  @inline(__always)
  private static func isChild(_ unit: UInt32, under byte: UInt8) -> Bool {
    unit & 0x8000_00FF == UInt32(byte)
  }
  @inline(__always)
  private static func hasLeaf(_ unit: UInt32) -> Bool { unit & 0x100 != 0 }
  @inline(__always)
  private static func leaf(_ unit: UInt32) -> Int { Int(unit & 0x7FFF_FFFF) }
  @inline(__always)
  private static func offset(_ unit: UInt32) -> Int { Int((unit >> 10) << ((unit & 0x200) >> 6)) }
}

extension CharacterMap {
  /// Walks every path from the root, and makes sure that each stays within the array, ends, and
  /// leads to whole characters: what `replacement(in:_:)` then relies on.
  private func check() throws(Fault) {
    // The children of each base as a list: where it starts, and where it goes on from each.
    var first = [Int](repeating: -1, count: units.count)
    var next = first
    for (index, unit) in units.enumerated() where unit & 0x8000_00FF == unit & 0xFF {
      let base = index ^ Int(unit & 0xFF)
      if base != index, base < units.count {
        next[index] = first[base]
        first[base] = index
      }
    }
    var isChecked = [Bool](repeating: false, count: units.count)
    var isOnPath = isChecked
    var pending = [(unit: 0, isDone: false)]
    while let (index, isDone) = pending.popLast() {
      if isDone {
        isOnPath[index] = false
        isChecked[index] = true
        continue
      }
      if isChecked[index] { continue }  // equal endings may share their units
      guard !isOnPath[index] else {
        throw Fault(message: "unit \(index) of its array can be reached from itself")
      }
      isOnPath[index] = true
      pending.append((index, true))
      let base = index ^ Self.offset(units[index])
      // What is looked up next under any byte, and the leaf, lie in the 256 units around the base.
      guard base | 0xFF < units.count else {
        throw Fault(message: "unit \(index) of its array leads out of the array")
      }
      if index != 0, Self.hasLeaf(units[index]) { try checkLeaf(Self.leaf(units[base])) }
      var child = first[base]
      while child >= 0 {
        pending.append((child, false))
        child = next[child]
      }
    }
  }

  private func checkLeaf(_ start: Int) throws(Fault) {
    guard start <= replacements.count else {
      throw Fault(
        message: "a replacement is said to start at \(start), and there are only "
          + "\(replacements.count) bytes")
    }
    guard start == replacements.count || replacements[start] & 0xC0 != 0x80 else {
      throw Fault(message: "a replacement is said to start at \(start), within a character")
    }
  }
}
