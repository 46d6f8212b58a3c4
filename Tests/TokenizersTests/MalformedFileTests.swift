import JSONValues
import Testing
import Tokenizers

/// Files that lie or ask for what there is not: each ends in an error that names the place.
struct MalformedFileTests {
  struct Lie: CustomTestStringConvertible {
    let file: String
    let change: String
    let field: String
    let code: TokenizerError.Code
    let message: String

    var testDescription: String { field + ": " + message }

    init(
      _ change: String, _ field: String, _ code: TokenizerError.Code, _ message: String,
      in file: String = "wordpiece"
    ) {
      self.file = file
      self.change = change
      self.field = field
      self.code = code
      self.message = message
    }
  }

  private static let token = """
    "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": false
    """

  private static let template = """
    "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}}, "pair": []
    """

  static let lies = [
    // The file
    Lie(#"{"version": "2.0"}"#, "version", .unsupported, "only version"),
    Lie(#"{"version": 1}"#, "version", .malformed, "expected a string, found an integer"),
    Lie(#"{"surprise": 1}"#, "surprise", .unsupported, "this option is not known"),
    // The steps
    Lie(
      #"{"normalizer": {"type": "NFKC"}}"#, "normalizer.type", .unsupported,
      #""NFKC" is not supported; supported here: "#),
    Lie(
      #"{"normalizer": {"type": "Sequence", "normalizers": [{"type": "Lowercase"}, {"type": "X"}]}}"#,
      "normalizer.normalizers[1].type", .unsupported, #""X" is not supported"#),
    Lie(
      #"{"normalizer": {"type": "Sequence", "normalizers": {}}}"#, "normalizer.normalizers",
      .malformed, "expected an array, found an object"),
    Lie(
      #"{"normalizer": {"clean_text": true}}"#, "normalizer", .malformed, #""type" is missing"#),
    Lie(
      #"{"normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "lowercase": null}}"#,
      "normalizer", .malformed, #""lowercase" is missing"#),
    Lie(
      #"{"normalizer": {"type": "BertNormalizer", "clean_text": 1, "handle_chinese_chars": true, "lowercase": true}}"#,
      "normalizer.clean_text", .malformed, "expected a boolean, found an integer"),
    Lie(
      #"{"normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "lowercase": true, "strip_accent": true}}"#,
      "normalizer.strip_accent", .unsupported, "known here: type, clean_text"),
    Lie(
      #"{"pre_tokenizer": {"type": "ByteLevel"}}"#, "pre_tokenizer.type", .unsupported,
      #""ByteLevel" is not supported"#),
    Lie(
      #"{"pre_tokenizer": {"type": "BertPreTokenizer", "x": 1}}"#, "pre_tokenizer.x", .unsupported,
      "not known"),
    Lie(#"{"pre_tokenizer": []}"#, "pre_tokenizer", .malformed, "expected an object"),
    // The model
    Lie(#"{"model": {"type": "BPE"}}"#, "model.type", .unsupported, #""BPE" is not supported"#),
    Lie(#"{"model": {"type": 7}}"#, "model.type", .malformed, "expected a string"),
    Lie(#"{"model": {"dropout": 0.1}}"#, "model.dropout", .unsupported, "not known"),
    Lie(#"{"remove": ["vocab"]}"#, "model", .malformed, #""vocab" is missing"#),
    Lie(#"{"remove": ["unk_token"]}"#, "model", .malformed, #""unk_token" is missing"#),
    Lie(#"{"remove": ["type", "max_input_chars_per_word"]}"#, "model", .malformed, "missing"),
    Lie(
      #"{"model": {"unk_token": "<unk>"}}"#, "model.unk_token", .malformed,
      #""<unk>" is not in the vocabulary"#),
    Lie(
      #"{"model": {"max_input_chars_per_word": -1}}"#, "model.max_input_chars_per_word", .malformed,
      "-1 is out of range"),
    Lie(
      #"{"model": {"vocab": [["a", 0]]}}"#, "model.vocab", .malformed,
      "expected an object, found an array"),
    Lie(#"{"model": {"vocab": {}}}"#, "model.unk_token", .malformed, "not in the vocabulary"),
    Lie(
      #"{"model": {"vocab": {"[UNK]": 0, "a": "1"}}}"#, #"model.vocab["a"]"#, .malformed,
      "expected an integer, found a string"),
    Lie(
      #"{"model": {"vocab": {"[UNK]": 0, "a": 0.5}}}"#, #"model.vocab["a"]"#, .malformed,
      "expected an integer, found a number"),
    Lie(
      #"{"model": {"vocab": {"[UNK]": 0, "a": -1}}}"#, #"model.vocab["a"]"#, .malformed,
      "-1 is out of range; expected 0...16777214"),
    Lie(
      #"{"model": {"vocab": {"[UNK]": 0, "a": 99999999999}}}"#, #"model.vocab["a"]"#, .malformed,
      "99999999999 is out of range"),
    Lie(
      #"{"model": {"vocab": {"[UNK]": 0, "a": 1, "b": 1}}}"#, #"model.vocab["b"]"#, .malformed,
      #"id 1 is already that of "a""#),
    // Added tokens
    Lie(
      #"{"added_tokens": [{"id": 328, "content": "", \#(token)}]}"#, "added_tokens[5].content",
      .malformed, "is empty"),
    Lie(
      #"{"added_tokens": [{"id": 999, "content": "new", \#(token)}]}"#, "added_tokens[5].id",
      .malformed, #""new" has id 999 here, but its place in the vocabulary is 328"#),
    Lie(
      #"{"added_tokens": [{"id": 328, "content": "the", \#(token)}]}"#, "added_tokens[5].id",
      .malformed, #""the" has id 328 here, but"#),
    Lie(
      #"{"added_tokens": [{"id": 4, "content": "[MASK]", \#(token)}]}"#, "added_tokens[5].content",
      .malformed, #""[MASK]" is there twice"#),
    Lie(
      #"{"added_tokens": [{"id": 328, "content": "N", "single_word": false, "lstrip": false, "rstrip": false, "normalized": true, "special": false}, {"id": 329, "content": "Ñ", "single_word": false, "lstrip": false, "rstrip": false, "normalized": true, "special": false}]}"#,
      "added_tokens[6].content", .malformed, "normalized to the same text"),
    Lie(
      #"{"added_tokens": [{"id": 328, "content": "\u200B", "single_word": false, "lstrip": false, "rstrip": false, "normalized": true, "special": false}]}"#,
      "added_tokens[5].content", .malformed, "nothing is left"),
    Lie(
      #"{"added_tokens": [{"id": 328, "content": "new"}]}"#, "added_tokens[5]", .malformed,
      #""single_word" is missing"#),
    // Post-processors
    Lie(
      #"{"post_processor": {"type": "ByteLevel"}}"#, "post_processor.type", .unsupported,
      #""ByteLevel" is not supported"#),
    Lie(
      #"{"post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "[BOS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}], \#(template)}}"#,
      "post_processor.single[0].SpecialToken.id", .malformed,
      #""[BOS]" is not among post_processor.special_tokens"#),
    Lie(
      #"{"post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 1}}, {"Sequence": {"id": "A", "type_id": 0}}], \#(template)}}"#,
      "post_processor.single[0].SpecialToken.type_id", .unsupported, "type ids other than 0"),
    Lie(
      #"{"post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 1}}], \#(template)}}"#,
      "post_processor.single[0].Sequence.type_id", .unsupported, "type ids other than 0"),
    Lie(
      #"{"post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}], \#(template)}}"#,
      "post_processor.single", .malformed, "leaves out the text"),
    Lie(
      #"{"post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "B", "type_id": 0}}], \#(template)}}"#,
      "post_processor.single[0].Sequence", .malformed, #"holds "A" once"#),
    Lie(
      #"{"post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}], \#(template)}}"#,
      "post_processor.single[1].Sequence", .malformed, #"holds "A" once"#),
    Lie(
      #"{"post_processor": {"type": "TemplateProcessing", "single": ["[CLS]", "$A"], \#(template)}}"#,
      "post_processor.single[0]", .malformed, "expected an object, found a string"),
    Lie(
      #"{"post_processor": {"type": "BertProcessing", "cls": ["[CLS]", 7], "sep": ["[SEP]", 3]}}"#,
      "post_processor.cls[1]", .malformed, #""[CLS]" has id 2 in the vocabulary, and 7 here"#),
    Lie(
      #"{"post_processor": {"type": "BertProcessing", "cls": ["<s>", 2], "sep": ["[SEP]", 3]}}"#,
      "post_processor.cls[1]", .malformed, #""<s>" is not in the vocabulary"#),
    Lie(
      #"{"post_processor": {"type": "BertProcessing", "cls": ["[CLS]"], "sep": ["[SEP]", 3]}}"#,
      "post_processor.cls", .malformed, "a token and its id"),
    // XLM-RoBERTa's steps
    Lie(
      #"{"model": {"unk_id": 99999}}"#, "model.unk_id", .malformed, "99999 is out of range",
      in: "unigram"),
    Lie(#"{"model": {"unk_id": null}}"#, "model", .malformed, "is missing", in: "unigram"),
    Lie(
      #"{"model": {"byte_fallback": true}}"#, "model.byte_fallback", .unsupported, "only false",
      in: "unigram"),
    Lie(
      #"{"model": {"vocab": {"a": 0}}}"#, "model.vocab", .malformed,
      "expected an array, found an object", in: "unigram"),
    Lie(#"{"model": {"vocab": []}}"#, "model.unk_id", .malformed, "is empty", in: "unigram"),
    Lie(
      #"{"model": {"vocab": [["a", 0], ["b"]]}}"#, "model.vocab[1]", .malformed,
      "expected a token and its score", in: "unigram"),
    Lie(
      #"{"model": {"vocab": [["a", 0], [1, 2]]}}"#, "model.vocab[1]", .malformed,
      "expected a token and its score", in: "unigram"),
    Lie(
      #"{"model": {"vocab": [["a", 0], ["b", "-1"]]}}"#, "model.vocab[1]", .malformed,
      "expected a token and its score", in: "unigram"),
    Lie(
      #"{"model": {"vocab": [["a", 0], ["b", -1], ["a", -2]]}}"#, "model.vocab[2]", .malformed,
      #""a" is there twice"#, in: "unigram"),
    Lie(
      #"{"normalizer": {"type": "Replace", "pattern": {"Regex": "a|b"}, "content": ""}}"#,
      "normalizer.pattern.Regex", .unsupported, #"expression "a|b" is not supported"#),
    Lie(
      #"{"normalizer": {"type": "Replace", "pattern": {"Regex": " {0,}"}, "content": ""}}"#,
      "normalizer.pattern.Regex", .unsupported, "is not supported"),
    Lie(
      #"{"normalizer": {"type": "Replace", "pattern": {"Regex": " {2,3}"}, "content": ""}}"#,
      "normalizer.pattern.Regex", .unsupported, "is not supported"),
    Lie(
      #"{"normalizer": {"type": "Replace", "pattern": {"Regex": ".+"}, "content": ""}}"#,
      "normalizer.pattern.Regex", .unsupported, "is not supported"),
    Lie(
      #"{"normalizer": {"type": "Replace", "pattern": {"String": ""}, "content": ""}}"#,
      "normalizer.pattern.String", .unsupported, "an empty pattern"),
    Lie(
      #"{"normalizer": {"type": "Replace", "pattern": " ", "content": ""}}"#,
      "normalizer.pattern", .malformed, "expected an object"),
    Lie(
      #"{"normalizer": {"type": "Strip", "strip_left": true}}"#, "normalizer", .malformed,
      #""strip_right" is missing"#),
    Lie(
      #"{"pre_tokenizer": {"type": "Metaspace", "replacement": "__"}}"#,
      "pre_tokenizer.replacement", .malformed, "is not one character"),
    Lie(
      #"{"pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "str_rep": "_"}}"#,
      "pre_tokenizer.str_rep", .malformed, "is not the replacement"),
    Lie(
      #"{"pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"}}"#,
      "pre_tokenizer.prepend_scheme", .unsupported, "supported here: always, never"),
    Lie(
      #"{"pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "add_prefix_space": false}}"#,
      "pre_tokenizer.add_prefix_space", .malformed, "contradicts"),
    Lie(
      #"{"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Digits"}]}}"#,
      "pre_tokenizer.pretokenizers[1].type", .unsupported, #""Digits" is not supported"#),
    Lie(
      #"{"post_processor": {"type": "RobertaProcessing", "cls": ["<s>", 5], "sep": ["</s>", 2]}}"#,
      "post_processor.cls[1]", .malformed, "has id 0 in the vocabulary, and 5 here", in: "unigram"),
  ]

  @Test(arguments: lies)
  func isRefusedByName(_ lie: Lie) throws {
    let change = try #require(JSONValue(parsing: lie.change).object)
    let file = try patched(try fixture("\(lie.file)/tokenizer.json"), change)
    let error = #expect(throws: TokenizerError.self) { try tokenizer(file) }
    #expect(error?.field == lie.field)
    #expect(error?.code == lie.code)
    #expect(error?.message.contains(lie.message) == true, "\(error?.message ?? "")")
    #expect(error?.path.hasSuffix("/tokenizer.json") == true)
    #expect(error?.description.contains("\n") == false)
  }

  @Test func unreadableFiles() throws {
    let missing = #expect(throws: TokenizerError.self) {
      try Tokenizer(contentsOf: "/nonexistent/model")
    }
    #expect(missing?.code == .unreadable)
    #expect(missing?.description == "/nonexistent/model: No such file or directory")
    let empty = #expect(throws: TokenizerError.self) {
      try withDirectory(of: [String: String]()) { try Tokenizer(contentsOf: $0) }
    }
    #expect(empty?.code == .unreadable)
    #expect(empty?.path.hasSuffix("/tokenizer.json") == true)
    for text in ["", "{", "[1, 2", "{\"a\": 1, \"a\": 2}", "\u{0}"] {
      let error = #expect(throws: TokenizerError.self) {
        try withDirectory(of: ["tokenizer.json": text]) { try Tokenizer(contentsOf: $0) }
      }
      #expect(error?.code == .malformed)
      #expect(error?.message.hasPrefix("this is not JSON: line 1, column ") == true)
    }
    for text in ["[]", "1", "{}"] {
      let error = #expect(throws: TokenizerError.self) {
        try withDirectory(of: ["tokenizer.json": text]) { try Tokenizer(contentsOf: $0) }
      }
      #expect(error?.code == .malformed)
    }
  }
}
