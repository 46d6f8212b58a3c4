import Foundation
import JSONValues
import Testing
import Tokenizers

/// Checks against folders of goldens that are too large to keep here, or not ours to keep.
///
///     KTRAIN_GOLDEN_TOKENIZERS=DIR[:DIR…] swift test --filter GoldenFolderTests
///
/// Each folder holds `tokenizer.json` and `golden.jsonl` with lines of `text` and `ids`.
struct GoldenFolderTests {
  static let folders =
    ProcessInfo.processInfo.environment["KTRAIN_GOLDEN_TOKENIZERS"]?
    .split(separator: ":").map(String.init) ?? []

  @Test(.enabled(if: !folders.isEmpty), arguments: folders)
  func idsAreTheReferences(folder: String) throws {
    let tokenizer = try Tokenizer(contentsOf: folder + "/tokenizer.json")
    let lines = try Data(contentsOf: URL(filePath: folder + "/golden.jsonl"))
      .split(separator: UInt8(ascii: "\n"))
    #expect(!lines.isEmpty)
    var wrong = 0
    for (index, line) in lines.enumerated() {
      let row = try JSONValue(parsing: line)
      let text = try #require(row["text"]?.string)
      let ids = tokenizer.encode(text, maxLength: nil).map { JSONValue.integer(Int($0)) }
      if row["ids"]?.array == ids || row["ids_exact"]?.array == ids { continue }
      wrong += 1
      if wrong <= 10 {
        Issue.record("line \(index + 1): \(JSONValue.string(text).text()) became \(ids)")
      }
    }
    #expect(wrong == 0, "of \(lines.count) texts")
  }
}
