// The texts here come from Swift strings, whose UTF-8 is always valid: nothing is checked twice.

enum UTF8Length {
  /// How many bytes the character has that starts with `byte`.
  @inline(__always)
  static func of(_ byte: UInt8) -> Int {
    byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
  }
}

extension Span<UInt8> {
  /// The code point that starts at `position`, and how many bytes it takes.
  @inline(__always)
  func codePoint(at position: Int) -> (value: UInt32, length: Int) {
    let first = UInt32(self[position])
    if first < 0x80 { return (first, 1) }
    let second = UInt32(self[position + 1] & 0x3F)
    if first < 0xE0 { return ((first & 0x1F) << 6 | second, 2) }
    let third = UInt32(self[position + 2] & 0x3F)
    if first < 0xF0 { return ((first & 0x0F) << 12 | second << 6 | third, 3) }
    let fourth = UInt32(self[position + 3] & 0x3F)
    return ((first & 0x07) << 18 | second << 12 | third << 6 | fourth, 4)
  }

  /// The code point that ends before `position`, which is not 0.
  func codePoint(before position: Int) -> UInt32 {
    var start = position - 1
    while self[start] & 0xC0 == 0x80 { start -= 1 }
    return codePoint(at: start).value
  }
}

extension [UInt8] {
  /// Appends a code point.
  @inline(__always)
  mutating func append(codePoint: UInt32) {
    switch codePoint {
    case 0..<0x80:
      append(UInt8(truncatingIfNeeded: codePoint))
    case 0x80..<0x800:
      append(0xC0 | UInt8(truncatingIfNeeded: codePoint >> 6))
      append(0x80 | UInt8(truncatingIfNeeded: codePoint) & 0x3F)
    case 0x800..<0x10000:
      append(0xE0 | UInt8(truncatingIfNeeded: codePoint >> 12))
      append(0x80 | UInt8(truncatingIfNeeded: codePoint >> 6) & 0x3F)
      append(0x80 | UInt8(truncatingIfNeeded: codePoint) & 0x3F)
    default:
      append(0xF0 | UInt8(truncatingIfNeeded: codePoint >> 18))
      append(0x80 | UInt8(truncatingIfNeeded: codePoint >> 12) & 0x3F)
      append(0x80 | UInt8(truncatingIfNeeded: codePoint >> 6) & 0x3F)
      append(0x80 | UInt8(truncatingIfNeeded: codePoint) & 0x3F)
    }
  }

  /// Appends a part of another text.
  @inline(__always)
  mutating func append(_ text: Span<UInt8>, _ range: Range<Int>) {
    text.extracting(range).withUnsafeBufferPointer { append(contentsOf: $0) }
  }
}
