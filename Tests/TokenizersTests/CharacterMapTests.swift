import Foundation
import JSONValues
import Testing
import Tokenizers

/// sentencepiece's character maps: what they do to texts, and what lies in them are refused.
struct CharacterMapTests {
  static let names = ["dots", "some", "nothing", "longer"]

  @Test(arguments: names)
  func textsAreTheReferences(under name: String) throws {
    let golden = try fixture("character_map.json")
    let map = try #require(golden["maps"]?[name])
    let tokenizer = try tiny(try #require(map["precompiled_charsmap"]?.string))
    let texts = try strings(golden["texts"])
    let expected = try strings(map["normalized"])
    try #require(texts.count == expected.count)
    for (text, expected) in zip(texts, expected) {
      let actual = tokenizer.normalize(text)
      #expect(actual.utf8.elementsEqual(expected.utf8), "\(text.debugDescription)")
    }
  }

  /// A map of one array unit after the other and the replacements.
  private static func map(
    length: UInt32? = nil, count: UInt32 = 512, _ units: [UInt32: UInt32], _ end: String
  ) -> [UInt8] {
    let array = (UInt32(0)..<count).map { units[$0] ?? 0 }
    return ([length ?? 4 * count] + array).flatMap { word in
      [
        UInt8(truncatingIfNeeded: word), UInt8(truncatingIfNeeded: word >> 8),
        UInt8(truncatingIfNeeded: word >> 16), UInt8(truncatingIfNeeded: word >> 24),
      ]
    } + Array(end.utf8)
  }

  /// "a" → "b": the root's children lie at 256 ^ byte, the child's leaf at 1.
  private static let good: [UInt32: UInt32] = [
    0: 256 << 10, 256 ^ 0x61: (256 ^ 0x61 ^ 1) << 10 | 1 << 8 | 0x61, 1: 1 << 31,
  ]

  private static func changed(_ units: [UInt32: UInt32]) -> [UInt32: UInt32] {
    good.merging(units) { $1 }
  }

  @Test func aMapByHand() throws {
    let tokenizer = try tiny(base64(Self.map(Self.good, "b\0")))
    #expect(tokenizer.normalize("xaxa\u{301}") == "xbxb")
    // What a zero byte would lead to is never looked at: no key can hold one.
    let wild = try tiny(base64(Self.map(Self.changed([256: 0x1F_FFFF << 10 | 1 << 8]), "b\0")))
    #expect(wild.normalize("\0a\0") == "\0b\0")
  }

  static let lies: [(String, [UInt8])] = [
    ("0 bytes are no map", []),
    ("3 bytes are no map", [1, 0, 0]),
    ("its array is said to have 0 of 2 bytes", [0, 0, 0, 0, 1, 2]),
    ("its array is said to have 4096 of 2050 bytes", map(length: 4096, good, "b\0")),
    ("its array is said to have 2047 of 2050 bytes", map(length: 2047, good, "b\0")),
    ("its array is said to have 4294967292 of", map(length: .max - 3, good, "b\0")),
    ("unit 0 of its array leads out of the array", map(changed([0: 512 << 10]), "b\0")),
    ("unit 0 of its array leads out of the array", map(count: 500, good, "b\0")),
    ("unit 0 of its array leads out of the array", map(changed([0: 2 << 10 | 1 << 9]), "b\0")),
    (
      "unit 353 of its array leads out of the array",
      map(changed([256 ^ 0x61: 1 << 20 | 1 << 8 | 0x61]), "b\0")
    ),
    (
      "unit 353 of its array can be reached from itself",
      map(changed([256 ^ 0x61: 0x61 << 10 | 0x61]), "b\0")
    ),
    (
      "a replacement is said to start at 7, and there are only 2",
      map(changed([1: 1 << 31 | 7]), "b\0")
    ),
    (
      "a replacement is said to start at 1, within a character",
      map(changed([1: 1 << 31 | 1]), "é\0")
    ),
    ("its replacements are not UTF-8", map(good, "") + [0x62, 0xFF, 0]),
  ]

  @Test(arguments: lies)
  func liesAreRefused(_ message: String, _ map: [UInt8]) throws {
    let error = #expect(throws: TokenizerError.self) { try tiny(base64(map)) }
    #expect(error?.code == .malformed)
    #expect(error?.field == "normalizer.precompiled_charsmap")
    #expect(
      error?.message.hasPrefix("this is no character map: " + message) == true,
      "\(error?.message ?? "")")
  }

  @Test(arguments: ["x", "AAA", "AAA!", "AA=A", "A===", "AAAA=", "====", "ÄAA"])
  func whatIsNotBase64IsRefused(_ text: String) throws {
    let error = #expect(throws: TokenizerError.self) { try tiny(text) }
    #expect(error?.message == "this is not base64")
  }

  private func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

  /// A tokenizer with this character map.
  private func tiny(_ map: String) throws -> Tokenizer {
    try tokenizer([
      "version": "1.0",
      "normalizer": ["type": "Precompiled", "precompiled_charsmap": .string(map)],
      "model": ["type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0]]],
    ])
  }
}
