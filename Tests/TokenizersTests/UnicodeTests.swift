import JSONValues
import Testing
import Tokenizers

/// Every code point that is assigned, through each step that looks at characters, against the reference.
struct UnicodeTests {
  private static let steps = [
    "uncased", "cased", "cased, accents off", "uncased, accents on, not cleaned", "words",
    "added tokens", "clusters",
  ]

  @Test(arguments: steps)
  func everyCodePoint(in step: String) throws {
    let golden = try fixture("unicode.json")
    let block = try #require(golden["block"]?.integer)
    let hashes = try #require(golden["steps"]?[step]?.object)
    #expect(hashes.count == (step == "clusters" ? 16 : 104))
    let transform = try transform(step, golden)
    let pattern = step == "clusters" ? try #require(golden["clusters"]?.string) : "a{}b "
    // Not by characters: what follows a brace may join it.
    let contexts = pattern.unicodeScalars.filter { $0 != "}" }
      .split(separator: "{", omittingEmptySubsequences: false)
    for (name, expected) in hashes.members {
      let start = try #require(UInt32(name, radix: 16))
      var text = String.UnicodeScalarView()
      for scalar in (start..<start + UInt32(block)).compactMap(Unicode.Scalar.init) {
        text.append(contentsOf: contexts[0])
        for context in contexts.dropFirst() {
          text.append(scalar)
          text.append(contentsOf: context)
        }
      }
      let hash = String(fnv1a(transform(String(text)).utf8), radix: 16)
      #expect(hash == expected.string, "U+\(name) and after")
    }
  }

  private func transform(_ step: String, _ golden: JSONValue) throws -> (String) -> String {
    func normalizer(_ options: JSONObject) throws -> (String) -> String {
      var bert: JSONObject = JSONObject([
        (key: "type", value: "BertNormalizer"), (key: "clean_text", value: true),
        (key: "handle_chinese_chars", value: true), (key: "strip_accents", value: nil),
        (key: "lowercase", value: true),
      ])
      for (key, value) in options.members { bert[key] = value }
      let tokenizer = try tiny(normalizer: .object(bert))
      return { tokenizer.normalize($0) }
    }
    switch step {
    case "uncased": return try normalizer(JSONObject())
    case "cased": return try normalizer(JSONObject([(key: "lowercase", value: false)]))
    case "cased, accents off":
      return try normalizer(
        JSONObject([
          (key: "lowercase", value: false), (key: "strip_accents", value: true),
          (key: "handle_chinese_chars", value: false),
        ]))
    case "uncased, accents on, not cleaned":
      return try normalizer(
        JSONObject([(key: "clean_text", value: false), (key: "strip_accents", value: false)]))
    case "clusters":
      let tokenizer = try tiny(normalizer: [
        "type": "Precompiled", "precompiled_charsmap": try #require(golden["map"]),
      ])
      return { tokenizer.normalize($0) }
    case "words":
      let tokenizer = try tiny(normalizer: nil)
      return { tokenizer.preTokenize($0).joined(separator: "\n") }
    default:
      let token: JSONObject = JSONObject([
        (key: "id", value: 1), (key: "content", value: "a"), (key: "single_word", value: true),
        (key: "lstrip", value: false), (key: "rstrip", value: false),
        (key: "normalized", value: false), (key: "special", value: false),
      ])
      var other = token
      other["id"] = 2
      other["content"] = "b"
      other["single_word"] = false
      other["lstrip"] = true
      let tokenizer = try tiny(normalizer: nil, addedTokens: [.object(token), .object(other)])
      return {
        tokenizer.encode($0, maxLength: nil).map { String($0) }.joined(separator: " ")
      }
    }
  }

  /// A tokenizer whose vocabulary is its unknown token.
  private func tiny(normalizer: JSONValue, addedTokens: [JSONValue] = []) throws -> Tokenizer {
    try tokenizer([
      "version": "1.0", "added_tokens": .array(addedTokens), "normalizer": normalizer,
      "pre_tokenizer": ["type": "BertPreTokenizer"], "post_processor": nil,
      "model": [
        "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100, "vocab": ["[UNK]": 0],
      ],
    ])
  }
}
