import TestSupport

/// The values in a text that is JSON or looks like it: where each begins and ends.
///
/// A change of whole values leaves most texts well formed, so that it reaches what reads them.
struct JSONTokens {
  private var values: [Range<Int>] = []

  init(_ bytes: [UInt8]) {
    var open: [Int] = []
    var place = 0
    while place < bytes.count {
      let start = place
      place += 1
      switch bytes[start] {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        open.append(start)
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if let first = open.popLast() { values.append(first..<place) }
      case UInt8(ascii: "\""):
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
          place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        place = min(place + 1, bytes.count)
        values.append(start..<place)
      case let byte where Self.isWord(byte):
        while place < bytes.count, Self.isWord(bytes[place]) { place += 1 }
        values.append(start..<place)
      default: break
      }
    }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "+"),
      UInt8(ascii: "."), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// What may stand in place of any value.
  private static let literals: [[UInt8]] =
    Mutator.numbers.map { Array($0.utf8) }
    + [
      "null", "true", "false", "\"\"", "[]", "{}", "[[]]", "[null]", "{\"a\": 1}", "\"\\u0000\"",
      "\"\\ud83d\\ude00\"", "\"\\ud800\"", "\"e\u{301}\"", "\"\u{FEFF}\"", "\"None\"", "\"[]\"",
      "\"{'a': [1, None]}\"", "\"../../etc\"", "\"a\\nb\"",
      "\"" + String(repeating: "long ", count: 400) + "\"",
      String(repeating: "[", count: 300) + String(repeating: "]", count: 300),
      String(repeating: "{\"a\":", count: 200) + "1" + String(repeating: "}", count: 200),
      "[" + (0..<300).map(String.init).joined(separator: ",") + "]",
      "{" + (0..<100).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}",
    ].map { Array($0.utf8) }

  /// Replaces, doubles, takes out, moves or wraps a value.
  func change(_ bytes: inout [UInt8], other: [UInt8], _ random: inout SplitMix) {
    guard let value = values.randomElement(using: &random) else { return }
    let text = Array(bytes[value])
    switch Int.random(in: 0..<6, using: &random) {
    case 0, 1:
      bytes.replaceSubrange(
        value, with: Self.literals[Int.random(in: Self.literals.indices, using: &random)])
    case 2:
      guard let piece = JSONTokens(other).values.randomElement(using: &random) else { return }
      bytes.replaceSubrange(value, with: other[piece])
    case 3:
      let count = 1 << Int.random(in: 0..<6, using: &random)
      let copies = (0..<count).flatMap { _ in [UInt8(ascii: ",")] + text }
      bytes.insert(contentsOf: copies.prefix(Mutator.longest), at: value.upperBound)
    case 4:
      // With the comma that follows or goes before.
      let next = bytes[value.upperBound...].firstIndex { $0 != 0x20 }
      if let next, bytes[next] == UInt8(ascii: ",") {
        bytes.removeSubrange(value.lowerBound...next)
      } else {
        let before = bytes[..<value.lowerBound].lastIndex { $0 != 0x20 && $0 != 0x0A }
        let isComma = before.map { bytes[$0] == UInt8(ascii: ",") } ?? false
        bytes.removeSubrange((isComma ? before! : value.lowerBound)..<value.upperBound)
      }
    default:
      let isObject = Bool.random(using: &random)
      let (left, right) = isObject ? ("{\"a\":", "}") : ("[", "]")
      bytes.replaceSubrange(value, with: Array(left.utf8) + text + Array(right.utf8))
    }
  }
}
