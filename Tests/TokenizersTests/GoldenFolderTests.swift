import Foundation
import JSONValues
import Testing
import Tokenizers

/// Checks against folders of goldens that are too large to keep here, or not ours to keep.
///
///     KTRAIN_GOLDEN_TOKENIZERS=DIR[:DIR…] swift test --filter GoldenFolderTests
///
/// Each folder holds `golden*.jsonl` with lines of `text` and `ids`, and a `tokenizer*.json` for each
/// with the same in the place of the star. `ids_exact` is as good: what comes of scores that are
/// read without error, where the library's own reader of JSON is off by one in the last place.
struct GoldenFolderTests {
  static let folders =
    ProcessInfo.processInfo.environment["KTRAIN_GOLDEN_TOKENIZERS"]?
    .split(separator: ":").map(String.init) ?? []

  @Test(.enabled(if: !folders.isEmpty), arguments: folders)
  func idsAreTheReferences(folder: String) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasPrefix("golden") && $0.hasSuffix(".jsonl") }
    #expect(!names.isEmpty)
    for name in names {
      let middle = name.dropFirst("golden".count).dropLast(".jsonl".count)
      try check(folder + "/tokenizer\(middle).json", folder + "/" + name)
    }
  }

  private func check(_ file: String, _ golden: String) throws {
    let tokenizer = try Tokenizer(contentsOf: file, cacheDirectory: nil)
    let lines = try Data(contentsOf: URL(filePath: golden)).split(separator: UInt8(ascii: "\n"))
    #expect(!lines.isEmpty)
    var wrong = 0
    for (index, line) in lines.enumerated() {
      let row = try JSONValue(parsing: line)
      let text = try #require(row["text"]?.string)
      let ids = tokenizer.encode(text, maxLength: nil).map { JSONValue.integer(Int($0)) }
      if row["ids"]?.array == ids || row["ids_exact"]?.array == ids { continue }
      wrong += 1
      if wrong <= 10 {
        Issue.record("\(golden):\(index + 1): \(JSONValue.string(text).text()) became \(ids)")
      }
    }
    #expect(wrong == 0, "of \(lines.count) texts")
  }
}
