import Foundation
import TestSupport
import Tokenizers

extension FuzzTarget {
  static let tokenizers = [
    FuzzTarget(
      name: "tokenizer", file: "tokenizer.json", parse: { try use($0) },
      faults: [TokenizerError.self]),
    FuzzTarget(
      name: "sentencepiece", file: "sentencepiece.bpe.model", parse: { try use($0) },
      faults: [TokenizerError.self]),
    FuzzTarget(
      name: "tokenizer-config", file: "tokenizer_config.json",
      more: fixtures(
        "tiny-bert/tokenizer_config.json", "tiny-xlmr-legacy/tokenizer_config.json",
        of: "EncodersTests"),
      prepare: { directory in
        let bytes = try fixture("tokenizer/wordpiece.json", of: "FuzzTests")
        try Data(bytes).write(to: URL(filePath: directory + "/tokenizer.json"))
      },
      parse: { try use(String($0.dropLast("/tokenizer_config.json".count))) },
      faults: [TokenizerError.self]),
  ]

  private static let texts = [
    "", " ", "the cat sat.", "Ünï\u{301}code <mask> [MASK]\u{200D}\u{1F600}", "\u{2581}a \u{FB01}",
    "\r\n\u{0}\u{1100}\u{1161}" + String(repeating: "ab ", count: 40),
  ]

  /// Reads a tokenizer, and what it reads it is used for.
  private static func use(_ path: String) throws {
    let tokenizer = try Tokenizer(contentsOf: path, cacheDirectory: nil)
    var ids: [Int32] = []
    for text in texts {
      ids = tokenizer.encode(text, maxLength: nil)
      guard ids.allSatisfy({ $0 >= 0 && $0 < tokenizer.vocabularySize }) else {
        throw Finding("\(ids) are not all below \(tokenizer.vocabularySize)")
      }
      let least = tokenizer.specialTokenCount
      guard tokenizer.encode(text, maxLength: least + 2).count <= least + 2 else {
        throw Finding("more ids than were asked for")
      }
    }
    guard tokenizer.vocabularySize < 1 << 20 else { return }
    blackHole(try tokenizer.decoder().text(of: ids).utf8.count)
  }
}
