import TestSupport

/// Makes damaged inputs from good ones: equal seeds and numbers give equal inputs.
struct Mutator {
  /// What an input never grows beyond, so that a slow parser and a large input are told apart.
  static let longest = 1 << 16

  private let corpus: [[UInt8]]
  private let seed: UInt64

  init(_ corpus: [[UInt8]], seed: UInt64) {
    precondition(!corpus.isEmpty, "Mutator: no corpus")
    (self.corpus, self.seed) = (corpus, seed)
  }

  /// The input of a number: the first ones are the corpus as it is.
  func input(_ number: Int) -> [UInt8] {
    if number < corpus.count { return corpus[number] }
    var random = SplitMix(seed: seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
    var bytes = corpus[Int.random(in: corpus.indices, using: &random)]
    // One change mostly, for a second one may hide what the first would have shown.
    repeat {
      change(&bytes, &random)
      if bytes.count > Self.longest { bytes.removeLast(bytes.count - Self.longest) }
    } while Int.random(in: 0..<3, using: &random) == 0
    return bytes
  }

  private func change(_ bytes: inout [UInt8], _ random: inout SplitMix) {
    switch Int.random(in: 0..<12, using: &random) {
    case 0: flipBit(&bytes, &random)
    case 1: replaceByte(&bytes, &random)
    case 2: changeLength(&bytes, &random)
    case 3: splice(&bytes, &random)
    case 4, 5: changeInteger(&bytes, &random)
    case 6, 7: changeDigits(&bytes, &random)
    default: JSONTokens(bytes).change(&bytes, other: other(&random), &random)
    }
  }

  private func other(_ random: inout SplitMix) -> [UInt8] {
    corpus[Int.random(in: corpus.indices, using: &random)]
  }

  private func flipBit(_ bytes: inout [UInt8], _ random: inout SplitMix) {
    guard let place = bytes.indices.randomElement(using: &random) else { return }
    bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
  }

  /// Bytes at which parsers turn.
  private static let marks =
    Array("{}[]\",:\\/.-+eE0 \t\n\r'`*#<>|\u{0}\u{7F}".utf8) + [0x80, 0xC0, 0xFF]

  private func replaceByte(_ bytes: inout [UInt8], _ random: inout SplitMix) {
    guard let place = bytes.indices.randomElement(using: &random) else { return }
    let isMark = Bool.random(using: &random)
    let byte =
      isMark
      ? Self.marks[Int.random(in: Self.marks.indices, using: &random)]
      : UInt8.random(in: 0...255, using: &random)
    if Bool.random(using: &random) { bytes[place] = byte } else { bytes.insert(byte, at: place) }
  }

  /// Cuts the end off, takes a piece out or repeats it.
  private func changeLength(_ bytes: inout [UInt8], _ random: inout SplitMix) {
    guard !bytes.isEmpty else { return }
    let range = Self.piece(of: bytes, &random)
    switch Int.random(in: 0..<3, using: &random) {
    case 0: bytes.removeSubrange(range.lowerBound...)
    case 1: bytes.removeSubrange(range)
    default:
      let copy = Array(bytes[range])
      for _ in 0...Int.random(in: 0..<8, using: &random) {
        bytes.insert(contentsOf: copy, at: range.upperBound)
      }
    }
  }

  /// A piece of any length, short ones as likely as long ones.
  private static func piece(of bytes: [UInt8], _ random: inout SplitMix) -> Range<Int> {
    let start = Int.random(in: bytes.indices, using: &random)
    let longest = 1 << Int.random(in: 0..<14, using: &random)
    return start..<min(bytes.count, start + Int.random(in: 1...longest, using: &random))
  }

  /// Goes on with another input, or has a piece of it.
  private func splice(_ bytes: inout [UInt8], _ random: inout SplitMix) {
    let other = other(&random)
    guard let place = bytes.indices.randomElement(using: &random), !other.isEmpty else { return }
    let piece = Self.piece(of: other, &random)
    if Bool.random(using: &random) {
      bytes.replaceSubrange(place..., with: other[piece.lowerBound...])
    } else {
      bytes.replaceSubrange(place..<min(bytes.count, place + piece.count), with: other[piece])
    }
  }

  /// Writes an integer as formats have them, of 1 to 8 bytes, little-endian mostly.
  private func changeInteger(_ bytes: inout [UInt8], _ random: inout SplitMix) {
    let size = 1 << Int.random(in: 0...3, using: &random)
    guard bytes.count >= size else { return }
    var place = Int.random(in: 0...bytes.count - size, using: &random)
    if Bool.random(using: &random) { place -= place % size }
    var value: UInt64 = 0
    for index in (0..<size).reversed() { value = value << 8 | UInt64(bytes[place + index]) }
    switch Int.random(in: 0..<4, using: &random) {
    case 0: value &+= UInt64(bitPattern: Int64.random(in: -3...3, using: &random))
    case 1: value = 1 << UInt64.random(in: 0..<UInt64(8 * size), using: &random)
    case 2: value = (1 << UInt64.random(in: 0..<UInt64(8 * size), using: &random)) - 1
    default: value = UInt64.max << UInt64.random(in: 0..<64, using: &random)
    }
    let order =
      Int.random(in: 0..<4, using: &random) == 0 ? Array((0..<size).reversed()) : Array(0..<size)
    for index in order {
      bytes[place + index] = UInt8(truncatingIfNeeded: value)
      value >>= 8
    }
  }

  /// What stands where digits were.
  static let numbers = [
    "0", "-1", "1", "-0", "0.5", "-0.0", "1e5", "1e308", "1e309", "-1e308", "1e-400", "2.5", "127",
    "255", "256", "32768", "65535", "65536", "2147483647", "2147483648", "-2147483648",
    "4294967295", "4294967296", "1099511627775", "1099511627776", "4611686018427387904",
    "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "18446744073709551615", "99999999999999999999", "00", "1.", ".5", "+1", "NaN", "Infinity",
  ]

  private func changeDigits(_ bytes: inout [UInt8], _ random: inout SplitMix) {
    let isDigit = { (byte: UInt8) in byte &- UInt8(ascii: "0") < 10 }
    let starts = bytes.indices.filter {
      isDigit(bytes[$0]) && ($0 == 0 || !isDigit(bytes[$0 - 1]))
    }
    guard let start = starts.randomElement(using: &random) else { return }
    let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
    let text = Self.numbers[Int.random(in: Self.numbers.indices, using: &random)]
    bytes.replaceSubrange(start..<end, with: text.utf8)
  }
}
