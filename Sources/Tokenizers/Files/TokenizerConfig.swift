import JSONValues

/// What stands beside a tokenizer's file and matters for ids.
struct TokenizerConfig {
  /// The class of transformers that reads a directory.
  enum TokenizerClass {
    case bert
    case xlmRoberta
    /// One that takes tokenizer.json at its word.
    case plain
  }

  /// Nil if it is not known: then it goes by what tokenizer.json holds.
  var tokenizerClass: TokenizerClass?
  private(set) var modelMaxLength: Int?
  private(set) var padToken: String?
  /// `clean_up_tokenization_spaces`; transformers 5 takes false where nothing is said.
  private(set) var cleansUpSpaces = false
  private var lowercases = true
  private var padsIdeographs = true
  private var stripsAccents: Bool?
  private var addsPrefixSpace = true

  /// For a file that stands alone: nothing is overruled.
  init() { tokenizerClass = .plain }

  /// Reads a model directory; what is not there is left at transformers' default.
  init(directory: String) throws(TokenizerError) {
    let file = try Self.read(directory + "/tokenizer_config.json")
    // transformers writes 10^30 for "no limit", as an integer that no machine word holds.
    if let length = file["model_max_length"] {
      guard let value = length.value.double else { throw length.expected("a number") }
      if value < 1e9 { modelMaxLength = try length.integer(in: 1...1_000_000_000) }
    }
    if let token = file["pad_token"] { padToken = try token.tokenContent() }
    if let name = file["tokenizer_class"] {
      switch try name.string() {
      case "BertTokenizer", "BertTokenizerFast": tokenizerClass = .bert
      case "XLMRobertaTokenizer", "XLMRobertaTokenizerFast": tokenizerClass = .xlmRoberta
      default: tokenizerClass = .plain
      }
    }
    cleansUpSpaces = try file["clean_up_tokenization_spaces"]?.bool() ?? false
    lowercases = try file["do_lower_case"]?.bool() ?? true
    padsIdeographs = try file["tokenize_chinese_chars"]?.bool() ?? true
    stripsAccents = try file["strip_accents"]?.bool()
    addsPrefixSpace = try file["add_prefix_space"]?.bool() ?? true
  }

  private static func read(_ path: String) throws(TokenizerError) -> Field {
    guard isDirectory(path) != nil else {
      return Field(value: .object(JSONObject()), name: "", path: path)
    }
    let file = try Field(parsing: readFile(path), path: path)
    _ = try file.object()
    return file
  }

  /// The steps that transformers makes of those in tokenizer.json.
  ///
  /// Its classes for BERT and XLM-RoBERTa build them anew from their own options; of the file they
  /// keep the vocabulary, the character map and the post-processor.
  func overruling(
    normalizer: (any Normalizer)?, preTokenizer: (any PreTokenizer)?, of model: any Model
  ) -> (normalizer: (any Normalizer)?, preTokenizer: (any PreTokenizer)?) {
    switch (tokenizerClass, model) {
    case (.bert, _), (nil, _ as WordPiece):
      guard let bert = normalizer as? BertNormalizer else { break }
      let overruled = BertNormalizer(
        cleansText: bert.cleansText, padsIdeographs: padsIdeographs,
        stripsAccents: stripsAccents ?? lowercases, lowercases: lowercases)
      return (overruled, preTokenizer)
    case (.xlmRoberta, _ as Unigram), (nil, _ as Unigram):
      let steps = (normalizer as? NormalizerSequence)?.steps ?? normalizer.map { [$0] } ?? []
      return (
        steps.first { $0 is Precompiled },
        PreTokenizerSequence([WhitespaceSplit(), Metaspace(prepends: addsPrefixSpace)])
      )
    default: break
    }
    return (normalizer, preTokenizer)
  }

  /// The decoder that transformers makes, likewise.
  func overruling(decoder: (any Decoder)?, of model: any Model) -> (any Decoder)? {
    switch (tokenizerClass, model) {
    case (.bert, _ as WordPiece), (nil, _ as WordPiece):
      WordPieceDecoder(prefix: "##", cleansUp: true)
    case (.xlmRoberta, _ as Unigram), (nil, _ as Unigram):
      MetaspaceDecoder(prepends: addsPrefixSpace)
    default: decoder
    }
  }
}

extension Field {
  /// The text of a special token, which is written as it is or as an object with its options.
  fileprivate func tokenContent() throws(TokenizerError) -> String {
    try value.object == nil ? string() : member("content").string()
  }
}
