import JSONValues
import Testing
import Tokenizers

/// Ids under a small tokenizer of XLM-RoBERTa's shape, under all pipelines that transformers has
/// written for it, against the reference.
struct UnigramTests {
  static let golden = Result { try fixture("unigram/golden.json") }
  static let base = Result { try fixture("unigram/tokenizer.json") }
  static let cases = (try? golden.get())?["cases"]?.array ?? []
  static let directories = (try? golden.get())?["directories"]?.array ?? []

  @Test func fixturesAreThere() throws {
    _ = try Self.base.get()
    #expect(try #require(Self.golden.get()["cases"]?.array).count == 34)
    #expect(try #require(Self.golden.get()["directories"]?.array).count == 11)
  }

  @Test(arguments: cases.compactMap { $0["name"]?.string })
  func idsAreTheReferences(of name: String) throws {
    let golden = try #require(Self.cases.first { $0["name"]?.string == name })
    let tokenizer = try tokenizer(
      try file(golden["patch"]), lowercase: golden["lowercase"]?.bool ?? false)
    let ids = try #require(golden["ids"]?.array)
    let shared = try Self.golden.get()["texts"]
    let texts = try #require((golden["texts"] ?? shared)?.array)
    let plain = try #require(Self.cases[0]["ids"]?.array)
    try #require(texts.count >= ids.count)
    for (index, expected) in ids.enumerated() {
      let text = try unfolded(texts[index])
      let actual = tokenizer.encode(text, maxLength: golden["max_length"]?.integer)
      try expect(actual, expected.isNull ? plain[index] : expected, text)
    }
  }

  /// A directory of XLM-RoBERTa's is read as transformers 5 reads it, also one that holds only a
  /// sentencepiece model.
  @Test(arguments: directories.indices)
  func directoriesAreReadAsByTheReference(_ index: Int) throws {
    let golden = Self.directories[index]
    var files: [String: [UInt8]] = [:]
    for (name, value) in try #require(golden["files"]?.object).members {
      files[name] = Array(value.text().utf8)
    }
    if golden["patch"]?.isNull == true {
      files["sentencepiece.bpe.model"] = try fixtureBytes("unigram/sentencepiece.bpe.model")
    } else {
      files["tokenizer.json"] = Array(try file(golden["patch"]).text().utf8)
    }
    let tokenizer = try withDirectory(of: files) { try Tokenizer(contentsOf: $0) }
    let ids = try #require(golden["ids"]?.array)
    for (text, expected) in zip(try strings(golden["texts"]), ids) {
      try expect(tokenizer.encode(text, maxLength: nil), expected, text)
    }
  }

  /// The sentencepiece model on its own, and tokenizer.json, which was made from the same pieces.
  @Test func aSentencePieceModelIsATokenizer() throws {
    let bytes = try fixtureBytes("unigram/sentencepiece.bpe.model")
    let read = try withDirectory(of: ["sentencepiece.bpe.model": bytes]) {
      try Tokenizer(contentsOf: $0 + "/sentencepiece.bpe.model")
    }
    let size = try #require(try Self.base.get()["model"]?["vocab"]?.array).count
    #expect(read.vocabularySize == size)
    #expect(read.specialTokenCount == 2)
    #expect(read.id(of: "<mask>") == Int32(size) - 1)
    #expect(read.padID == 1)
    let other = try tokenizer(try Self.base.get())
    for text in try #require(Self.golden.get()["texts"]?.array) {
      let text = try unfolded(text)
      #expect(read.encode(text, maxLength: nil) == other.encode(text, maxLength: nil))
    }
  }

  /// tokenizer.json with a patch of the golden file, in which the character map is left out.
  private func file(_ patch: JSONValue?) throws -> JSONValue {
    let base = try Self.base.get()
    let map = try #require(base["normalizer"])
    var patch = try #require(patch?.object)
    if let tokens = patch["replace_added_tokens"] {
      patch["replace_added_tokens"] = nil
      patch["added_tokens"] = nil
      var file = try #require(try patched(base, patch).object)
      file["added_tokens"] = tokens
      return .object(file)
    }
    if patch["normalizer"]?.string == "precompiled" { patch["normalizer"] = map }
    if let steps = patch["normalizer"]?["normalizers"]?.array {
      let filled = steps.map { $0.string == "precompiled" ? map : $0 }
      patch["normalizer"] = ["type": "Sequence", "normalizers": .array(filled)]
    }
    return try patched(base, patch)
  }

  /// A text, or what repeats in it and how often.
  private func unfolded(_ value: JSONValue) throws -> String {
    if let text = value.string { return text }
    let parts = try #require(value.array)
    return String(
      repeating: try #require(parts[0].string), count: try #require(parts[1].integer))
  }

  /// Expects ids, or many ids by their number and their hash.
  private func expect(_ ids: [Int32], _ expected: JSONValue, _ text: String) throws {
    if let summary = expected.string {
      var bytes: [UInt8] = []
      for id in ids {
        withUnsafeBytes(of: id.littleEndian) { bytes.append(contentsOf: $0) }
      }
      let found = "\(ids.count) \(String(fnv1a(bytes), radix: 16))"
      #expect(found == summary, "\(text.prefix(40).debugDescription)")
    } else {
      #expect(try ids == integers(expected), "\(text.debugDescription)")
    }
  }
}
