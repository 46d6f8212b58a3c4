import Testing
import Tokenizers

/// What a sentencepiece model can be that is not XLM-RoBERTa's: each an error in one line.
struct SentencePieceTests {
  /// A field whose content has a length.
  private static func message(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
    [number << 3 | 2] + length(content.count) + content
  }

  private static func length(_ count: Int) -> [UInt8] {
    count < 128 ? [UInt8(count)] : [UInt8(count & 127 | 128)] + length(count >> 7)
  }

  private static func piece(_ text: [UInt8], kind: UInt8 = 1, score: [UInt8] = [0, 0, 0x80, 0xBF])
    -> [UInt8]
  {
    message(1, message(1, text) + [2 << 3 | 5] + score + [3 << 3, kind])
  }

  private static let special =
    piece(Array("<unk>".utf8), kind: 2) + piece(Array("<s>".utf8), kind: 3)
    + piece(Array("</s>".utf8), kind: 3)
  private static let a = piece([0x61])
  private static let unigram = message(2, [3 << 3, 1])

  @Test func aModelByHand() throws {
    let tokenizer = try read(Self.special + Self.a + Self.piece(Array("▁".utf8)) + Self.unigram)
    #expect(tokenizer.encode("a b", maxLength: nil) == [0, 5, 4, 5, 3, 2])
    #expect(tokenizer.vocabularySize == 7)
    // Without a trainer's word it is a Unigram model; fields that nobody knows are passed over.
    let more: [UInt8] = [9 << 3 | 1, 1, 2, 3, 4, 5, 6, 7, 8, 10 << 3, 0xFF, 1]
    #expect(try read(Self.special + more + Self.a).vocabularySize == 6)
  }

  static let lies: [(String, TokenizerError.Code, [UInt8])] = [
    ("its first three pieces are not <unk>, <s> and </s>", .unsupported, []),
    ("its first three pieces are not <unk>, <s> and </s>", .unsupported, a + special),
    (
      "its first three pieces are not <unk>, <s> and </s>", .unsupported,
      piece(Array("<s>".utf8), kind: 3) + piece(Array("</s>".utf8), kind: 3) + a
    ),
    (
      "its model_type is 2; only 1, UNIGRAM, is supported", .unsupported,
      special + message(2, [24, 2])
    ),
    (
      "its byte_fallback is true; only false is supported", .unsupported,
      special + message(2, [24, 1, 0x98, 2, 1])
    ),
    ("piece 3, \"a\", is of kind 4", .unsupported, special + piece([0x61], kind: 4)),
    ("piece 3, \"a\", is of kind 6", .unsupported, special + piece([0x61], kind: 6)),
    ("piece 3 is not UTF-8", .malformed, special + piece([0xFF])),
    (
      "the score of piece 3 is not finite", .malformed,
      special + piece([0x61], score: [0, 0, 0xC0, 0x7F])
    ),
    ("\"a\" is there twice", .malformed, special + a + a),
    ("\"<pad>\" is there twice", .malformed, special + piece(Array("<pad>".utf8))),
    (
      "this is no sentencepiece model: found 200 bytes where 1 are left", .malformed,
      [0x0A, 200, 1, 0]
    ),
    ("this is no sentencepiece model: found the end", .malformed, special + [0x0A]),
    ("this is no sentencepiece model: found wire type 3", .malformed, special + [0x0B]),
    ("this is no sentencepiece model: found field 0", .malformed, [0x02, 0]),
    (
      "this is no sentencepiece model: found an integer of more than 64 bits", .malformed,
      [0x08] + [UInt8](repeating: 0xFF, count: 11)
    ),
    ("this is no sentencepiece model: field 1 at byte 0 is not bytes", .malformed, [0x08, 1]),
    (
      "this is no sentencepiece model: field 2 at byte 2 is not a float", .malformed,
      [0x0A, 2, 0x10, 1]
    ),
    (
      "this is no sentencepiece model: field 3 at byte 2 is not an integer", .malformed,
      [0x0A, 2, 0x1A, 0]
    ),
  ]

  @Test(arguments: lies)
  func isRefused(_ message: String, _ code: TokenizerError.Code, _ bytes: [UInt8]) throws {
    let error = #expect(throws: TokenizerError.self) { try read(bytes) }
    #expect(error?.code == code)
    #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "")")
    #expect(error?.path.hasSuffix("/sentencepiece.bpe.model") == true)
    #expect(error?.description.contains("\n") == false)
  }

  /// Cut off anywhere, it is an error or a smaller model, but never a crash.
  @Test func truncated() throws {
    let bytes = Self.special + Self.a + Self.unigram
    for count in bytes.indices {
      _ = try? read(Array(bytes[..<count]))
    }
  }

  private func read(_ bytes: [UInt8]) throws -> Tokenizer {
    try withDirectory(of: ["sentencepiece.bpe.model": bytes]) { try Tokenizer(contentsOf: $0) }
  }
}
