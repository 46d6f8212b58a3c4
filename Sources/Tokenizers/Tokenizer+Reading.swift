import JSONValues

extension Tokenizer {
  /// Reads a tokenizer.json, or a model directory that holds one.
  ///
  /// In a directory, tokenizer_config.json is read as well if it is there: `model_max_length`, the
  /// padding token, and the options of BERT's normalizer, which for transformers overrule those in
  /// tokenizer.json.
  ///
  /// - Parameters:
  ///   - path: The file, or the directory.
  ///   - lowercase: Whether texts are lower-cased first, whatever the files say: `do_lower_case` of
  ///     sentence_bert_config.json. Added tokens that are not normalized keep their case.
  /// - Throws: ``TokenizerError`` with the path and the place in the file.
  public init(contentsOf path: String, lowercase: Bool = false) throws(TokenizerError) {
    guard isDirectory(path) == true else {
      try self.init(readJSON(path), config: TokenizerConfig(), lowercase: lowercase)
      return
    }
    let config = try TokenizerConfig(directory: path)
    try self.init(readJSON(path + "/tokenizer.json"), config: config, lowercase: lowercase)
  }

  private init(
    _ file: Field, config: TokenizerConfig, lowercase: Bool
  ) throws(TokenizerError) {
    try file.allowOnly(
      "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
      "post_processor", "decoder", "model")
    let version = try file.member("version")
    guard try version.string() == "1.0" else {
      throw version.fault("only version \"1.0\" is supported", code: .unsupported)
    }
    var normalizer = try file["normalizer"].map { (field) throws(TokenizerError) in
      try field.normalizer()
    }
    if let bert = normalizer as? BertNormalizer { normalizer = config.overruling(bert) }
    if lowercase {
      normalizer = NormalizerSequence(putting: Lowercase(), before: normalizer)
    }
    let model = try file.member("model").model()
    let added = try AddedTokens(
      try file["added_tokens"]?.elements() ?? [], model: model, normalizer: normalizer)
    self.normalizer = normalizer
    self.model = model
    addedTokens = added
    preTokenizer = try file["pre_tokenizer"].map { (field) throws(TokenizerError) in
      try field.preTokenizer()
    }
    postProcessor =
      try file["post_processor"].map { (field) throws(TokenizerError) in
        try field.postProcessor { added.id(of: $0) ?? model.id(of: $0) }
      } ?? PostProcessor()
    modelMaxLength = config.modelMaxLength
    var padNames = ["[PAD]", "<pad>"]
    if let name = config.padToken {
      padNames = [name]
    } else if let name = file["padding"]?["pad_token"] {
      padNames = [try name.string()]
    }
    padID = padNames.lazy.compactMap { added.id(of: $0) ?? model.id(of: $0) }.first
  }
}
