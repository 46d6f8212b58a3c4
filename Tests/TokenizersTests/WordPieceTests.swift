import JSONValues
import Testing
import Tokenizers

/// Ids under a small tokenizer of BERT's shape and variants of it, against the reference.
struct WordPieceTests {
  static let golden = Result { try fixture("wordpiece/golden.json") }
  static let base = Result { try fixture("wordpiece/tokenizer.json") }
  static let cases = (try? golden.get())?["cases"]?.array ?? []
  static let directories = (try? golden.get())?["directories"]?.array ?? []

  @Test func fixturesAreThere() throws {
    _ = try Self.base.get()
    #expect(try #require(Self.golden.get()["cases"]?.array).count == 39)
    #expect(try #require(Self.golden.get()["directories"]?.array).count == 10)
  }

  @Test(arguments: cases.compactMap { $0["name"]?.string })
  func idsAreTheReferences(of name: String) throws {
    let golden = try #require(Self.cases.first { $0["name"]?.string == name })
    let patch = try #require(golden["patch"]?.object)
    let tokenizer = try tokenizer(
      try patched(try Self.base.get(), patch), lowercase: golden["lowercase"]?.bool ?? false)
    let texts = try strings(golden["texts"] ?? Self.golden.get()["texts"])
    let ids = try #require(golden["ids"]?.array)
    let plain = try #require(Self.cases[0]["ids"]?.array)
    try #require(texts.count == ids.count)
    for (index, text) in texts.enumerated() {
      let expected = try integers(ids[index].isNull ? plain[index] : ids[index])
      let actual = tokenizer.encode(text, maxLength: golden["max_length"]?.integer)
      #expect(actual == expected, "\(text.debugDescription)")
    }
  }

  /// tokenizer_config.json overrules tokenizer.json exactly where it does for transformers.
  @Test(arguments: directories.indices)
  func directoriesAreReadAsByTheReference(_ index: Int) throws {
    let golden = Self.directories[index]
    let file = try patched(try Self.base.get(), try #require(golden["patch"]?.object))
    var files = ["tokenizer.json": file.text()]
    if let config = golden["tokenizer_config"], !config.isNull {
      files["tokenizer_config.json"] = config.text()
    }
    let tokenizer = try withDirectory(of: files) { try Tokenizer(contentsOf: $0) }
    for (text, ids) in zip(try strings(golden["texts"]), try #require(golden["ids"]?.array)) {
      #expect(try tokenizer.encode(text, maxLength: nil) == integers(ids), "\(text)")
    }
  }

  @Test func lengthLimits() throws {
    #expect(try readLimit("{}") == nil)
    #expect(try readLimit(#"{"model_max_length": 512}"#) == 512)
    #expect(try readLimit(#"{"model_max_length": 512.0}"#) == 512)
    #expect(try readLimit(#"{"model_max_length": 1000000000000000019884624838656}"#) == nil)
    #expect(try readLimit(#"{"model_max_length": 1000000000}"#) == nil)
    #expect(try readLimit(#"{"model_max_length": 999999999}"#) == 999_999_999)
    #expect(throws: TokenizerError.self) { try readLimit(#"{"model_max_length": 0}"#) }
    #expect(throws: TokenizerError.self) { try readLimit(#"{"model_max_length": "512"}"#) }
  }

  private func readLimit(_ config: String) throws -> Int? {
    try withDirectory(of: [
      "tokenizer.json": try Self.base.get().text(), "tokenizer_config.json": config,
    ]) { try Tokenizer(contentsOf: $0).modelMaxLength }
  }

  @Test func vocabularyFacts() throws {
    let base = try Self.base.get()
    let size = try #require(base["model"]?["vocab"]?.object).count
    let plain = try tokenizer(base)
    #expect(plain.vocabularySize == size)
    #expect(plain.specialTokenCount == 2)
    #expect(plain.modelMaxLength == nil)
    #expect(plain.padID == 0)
    #expect(plain.id(of: "the") == Int32(try #require(base["model"]?["vocab"]?["the"]?.integer)))
    #expect(plain.id(of: "caf\u{E9}") != nil)
    #expect(plain.id(of: "cafe\u{301}") == nil)  // the same for Swift, but not the same bytes
    let patch: JSONObject = JSONObject([
      (
        key: "added_tokens",
        value: [
          [
            "id": .integer(size), "content": "<new>", "single_word": false, "lstrip": false,
            "rstrip": false, "normalized": false, "special": true,
          ]
        ]
      ), (key: "post_processor", value: nil),
      (key: "padding", value: ["pad_token": "<new>"]),
    ])
    let extended = try tokenizer(try patched(base, patch))
    #expect(extended.vocabularySize == size + 1)
    #expect(extended.id(of: "<new>") == Int32(size))
    #expect(extended.specialTokenCount == 0)
    #expect(extended.padID == Int32(size))
  }

  /// One tokenizer, eight tasks at a time: the same ids as one after the other.
  @Test func severalThreadsAtOnce() async throws {
    let tokenizer = try tokenizer(try Self.base.get())
    let texts = try strings(Self.golden.get()["texts"])
    let expected = texts.map { tokenizer.encode($0, maxLength: nil) }
    await withTaskGroup(of: [[Int32]].self) { group in
      for _ in 0..<8 {
        group.addTask { texts.map { tokenizer.encode($0, maxLength: nil) } }
      }
      for await ids in group { #expect(ids == expected) }
    }
  }
}
