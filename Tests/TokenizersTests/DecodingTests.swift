import JSONValues
import Testing
import Tokenizers

/// Ids back to text, as transformers does it.
struct DecodingTests {
  static let golden = Result { try fixture("decoding.json") }
  static let cases = (try? golden.get())?["cases"]?.array ?? []

  @Test func fixturesAreThere() { #expect(Self.cases.count == 12) }

  private func tokenizer(_ golden: JSONValue) throws -> Tokenizer {
    let name = try #require(golden["tokenizer"]?.string)
    var file = try #require(fixture(name + "/tokenizer.json").object)
    for (key, value) in (golden["change"]?.object ?? JSONObject()).members { file[key] = value }
    var files = ["tokenizer.json": Array(JSONValue.object(file).text().utf8)]
    if let config = golden["config"], !config.isNull {
      files["tokenizer_config.json"] = Array(config.text().utf8)
    }
    return try withDirectory(of: files) { try Tokenizer(contentsOf: $0) }
  }

  @Test(arguments: cases.indices)
  func textsAreTheReferences(index: Int) throws {
    let golden = Self.cases[index]
    let decoder = try tokenizer(golden).decoder()
    let ids = try #require(golden["ids"]?.array).map { row in
      (row.array ?? []).map { Int32($0.integer ?? -1) }
    }
    for (key, skips) in [("skipped", true), ("whole", false)] {
      let texts = try #require(golden[key]?.array)
      #expect(!texts.isEmpty)
      for (row, text) in zip(ids, texts) {
        let actual = decoder.text(of: row, skipsSpecialTokens: skips)
        #expect(Array(actual.utf8) == Array((text.string ?? "?").utf8), "\(row)")
      }
    }
  }

  @Test func everyTokenIsInTheVocabulary() throws {
    for name in ["wordpiece", "unigram"] {
      let file = try fixture(name + "/tokenizer.json")
      let tokenizer = try withDirectory(of: ["tokenizer.json": Array(file.text().utf8)]) {
        try Tokenizer(contentsOf: $0)
      }
      var expected: [Int: String] = [:]
      if let pieces = file["model"]?["vocab"]?.array {
        for (id, piece) in pieces.enumerated() { expected[id] = piece.array?[0].string }
      } else {
        for (token, id) in try #require(file["model"]?["vocab"]?.object).members {
          expected[id.integer ?? -1] = token
        }
      }
      for (id, token) in tokenizer.vocabulary().enumerated() {
        #expect(token == expected[id].map { Array($0.utf8) }, "\(name) \(id)")
      }
      #expect(expected.count > 100)
    }
  }

  @Test func anUnknownDecoderIsRefusedOnlyWhenItIsNeeded() throws {
    var file = try #require(fixture("unigram/tokenizer.json").object)
    file["decoder"] = ["type": "ByteLevel"]
    let files = [
      "tokenizer.json": Array(JSONValue.object(file).text().utf8),
      "tokenizer_config.json": Array(#"{"tokenizer_class": "Other"}"#.utf8),
    ]
    let tokenizer = try withDirectory(of: files) { try Tokenizer(contentsOf: $0) }
    #expect(tokenizer.encode("a", maxLength: nil).count > 2)
    let error = #expect(throws: TokenizerError.self) { try tokenizer.decoder() }
    #expect(error?.description.contains("decoder.type: there is no code") == true)
  }
}
