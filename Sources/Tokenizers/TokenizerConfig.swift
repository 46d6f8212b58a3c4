import JSONValues

/// What tokenizer_config.json says that matters for ids.
struct TokenizerConfig {
  var modelMaxLength: Int?
  var padToken: String?
  /// `do_lower_case`, `tokenize_chinese_chars` and `strip_accents`, if BERT's tokenizer reads them.
  private var bert: (lowercases: Bool, padsIdeographs: Bool, stripsAccents: Bool?)?

  /// Says nothing.
  init() {}

  /// Reads the file in a model directory; a missing one leaves everything at its default.
  init(directory: String) throws(TokenizerError) {
    let path = directory + "/tokenizer_config.json"
    var file = Field(value: .object(JSONObject()), name: "", path: path)
    if isDirectory(path) != nil { file = try readJSON(path) }
    _ = try file.object()
    // transformers writes 10^30 for "no limit", as an integer that no machine word holds.
    if let length = file["model_max_length"] {
      guard let value = length.value.double else {
        throw length.fault("expected a number, found \(length.value.kind)")
      }
      if value < 1e9 { modelMaxLength = try length.integer(in: 1...1_000_000_000) }
    }
    if let token = file["pad_token"] {
      padToken = try token.value.object == nil ? token.string() : token.member("content").string()
    }
    let kind = try file["tokenizer_class"]?.string() ?? "BertTokenizer"
    if kind == "BertTokenizer" || kind == "BertTokenizerFast" {
      bert = (
        lowercases: try file["do_lower_case"]?.bool() ?? true,
        padsIdeographs: try file["tokenize_chinese_chars"]?.bool() ?? true,
        stripsAccents: try file["strip_accents"]?.bool()
      )
    }
  }

  /// The normalizer that transformers makes of the one in tokenizer.json: where its class for BERT
  /// reads the directory, the options here count, or their defaults, and not those in that file.
  func overruling(_ normalizer: BertNormalizer) -> BertNormalizer {
    guard let bert else { return normalizer }
    return BertNormalizer(
      cleansText: normalizer.cleansText, padsIdeographs: bert.padsIdeographs,
      stripsAccents: bert.stripsAccents ?? bert.lowercases, lowercases: bert.lowercases)
  }
}
