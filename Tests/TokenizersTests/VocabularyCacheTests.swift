import Foundation
import JSONValues
import Testing
import Tokenizers

/// Large vocabularies are read once, and again when their file has changed.
struct VocabularyCacheTests {
  /// White space that makes a file large enough to be kept.
  private static let padding = [UInt8](repeating: 0x20, count: 2 << 20)

  private static func file(score: Double = -3) throws -> [UInt8] {
    let base = try fixture("unigram/tokenizer.json")
    let vocabulary: JSONValue = [
      ["<s>", 0], ["<pad>", 0], ["</s>", 0], ["<unk>", 0], ["▁", -2], ["a", -2],
      ["▁a", .number(score)], ["<mask>", 0],
    ]
    let file: JSONValue = [
      "version": "1.0", "pre_tokenizer": try #require(base["pre_tokenizer"]),
      "post_processor": try #require(base["post_processor"]),
      "model": ["type": "Unigram", "unk_id": 3, "vocab": vocabulary],
    ]
    return Array(file.text().utf8) + padding
  }

  private func entries(_ directory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory).map { directory + "/" + $0 }
  }

  private func inode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try #require(attributes[.systemFileNumber] as? Int)
  }

  @Test func anEntryIsUsedUntilTheFileChanges() throws {
    try withDirectory(of: ["tokenizer.json": try Self.file()]) { directory in
      let cache = directory + "/a/b"
      func ids() throws -> [Int32] {
        try Tokenizer(contentsOf: directory + "/tokenizer.json", cacheDirectory: cache)
          .encode("a a", maxLength: nil)
      }
      #expect(try ids() == [0, 6, 6, 2])
      let entry = try #require(try entries(cache).first)
      let first = try inode(entry)
      #expect(try ids() == [0, 6, 6, 2])
      #expect(try inode(entry) == first)  // not written again, so it was good

      let url = URL(filePath: directory + "/tokenizer.json")
      try Data(try Self.file(score: -9)).write(to: url)
      #expect(try ids() == [0, 4, 5, 4, 5, 2])
      #expect(try entries(cache).count == 2)
      try Data(try Self.file()).write(to: url)
      #expect(try ids() == [0, 6, 6, 2])
      #expect(try inode(entry) == first)
    }
  }

  /// Whatever is done to an entry, the ids stay right and the entry is made anew.
  @Test func damageIsNoticed() throws {
    try withDirectory(of: ["tokenizer.json": try Self.file()]) { directory in
      let cache = directory + "/cache"
      func ids() throws -> [Int32] {
        try Tokenizer(contentsOf: directory + "/tokenizer.json", cacheDirectory: cache)
          .encode("a a", maxLength: nil)
      }
      #expect(try ids() == [0, 6, 6, 2])
      let url = URL(filePath: try #require(try entries(cache).first))
      let good = try Data(contentsOf: url)
      var damaged = [Data(), good.prefix(55), good.prefix(good.count - 8), good + Data(count: 8)]
      for position in [0, 9, 17, 33, 49, 60, good.count - 1] {
        var data = good
        data[position] ^= 0x40
        damaged.append(data)
      }
      for data in damaged {
        try data.write(to: url)
        #expect(try ids() == [0, 6, 6, 2])
        #expect(try Data(contentsOf: url) == good)
      }
    }
  }

  @Test func aSentencePieceModelIsKeptToo() throws {
    // An unknown field of two megabytes.
    let padding = [UInt8]([10 << 3 | 2, 0x80, 0x80, 0x80, 1]) + Self.padding
    let bytes = try fixtureBytes("unigram/sentencepiece.bpe.model") + padding
    try withDirectory(of: ["sentencepiece.bpe.model": bytes]) { directory in
      let cache = directory + "/cache"
      let read = try Tokenizer(contentsOf: directory, cacheDirectory: cache)
      let first = try inode(try #require(try entries(cache).first))
      let again = try Tokenizer(contentsOf: directory, cacheDirectory: cache)
      #expect(try inode(try #require(try entries(cache).first)) == first)
      for text in ["오늘 날씨", "Ｃａｆé <mask>", ""] {
        #expect(read.encode(text, maxLength: nil) == again.encode(text, maxLength: nil))
      }
    }
  }

  @Test func smallFilesAndNoPlaceToKeepThem() throws {
    let small = try Self.file().dropLast(Self.padding.count)
    try withDirectory(of: ["tokenizer.json": Array(small)]) { directory in
      _ = try Tokenizer(
        contentsOf: directory + "/tokenizer.json", cacheDirectory: directory + "/cache")
      #expect(!FileManager.default.fileExists(atPath: directory + "/cache"))
    }
    try withDirectory(of: ["tokenizer.json": try Self.file(), "file": []]) { directory in
      for cache in [directory + "/file/cache", "/proc/none", nil] {
        let tokenizer = try Tokenizer(
          contentsOf: directory + "/tokenizer.json", cacheDirectory: cache)
        #expect(tokenizer.encode("a", maxLength: nil) == [0, 6, 2])
      }
    }
  }

  /// Values of the xxhash package for Python, 4.1.0.
  private static let hashes: [(bytes: [UInt8], hash: UInt64)] = [
    ([], 0xEF46_DB37_51D8_E999),
    ([0x61], 0xD24E_C4F1_A98C_6E5B),
    (Array("abc".utf8), 0x44BC_2CF5_AD77_0999),
    (Array("0123456789".utf8), 0x3F5F_C178_A818_67E7),
    (Array(0..<32), 0xCBF5_9C51_16FF_32B4),
    (Array(0...255), 0x1FAC_BE84_06CD_904B),
    (Array(String(repeating: "tokenizer", count: 7).utf8), 0x6801_45AC_0050_7478),
  ]

  @Test(arguments: hashes)
  func hash(_ bytes: [UInt8], is expected: UInt64) {
    #expect(xxHash64(bytes.span.bytes) == expected)
  }
}
