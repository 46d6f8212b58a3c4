import Glibc
import JSONValues

extension Tokenizer {
  /// Reads a tokenizer.json or a sentencepiece.bpe.model, or a model directory that holds one of
  /// them, of which the first is preferred.
  ///
  /// A file is taken at its word. A directory is read as transformers 5 reads it, with
  /// tokenizer_config.json beside the file: for BERT's and XLM-RoBERTa's tokenizers, that file and
  /// the class it names decide on normalizer and pre-tokenizer, whatever tokenizer.json says.
  ///
  /// - Parameters:
  ///   - path: The file, or the directory.
  ///   - lowercase: Whether texts are lower-cased first, whatever the files say: `do_lower_case` of
  ///     sentence_bert_config.json. Added tokens that are not normalized keep their case.
  ///   - cacheDirectory: Where large vocabularies are kept in a form that is read faster; nil for
  ///     nowhere. It is made if need be, and may be deleted at any time.
  /// - Throws: ``TokenizerError`` with the path and the place in the file.
  public init(
    contentsOf path: String, lowercase: Bool = false,
    cacheDirectory: String? = Tokenizer.defaultCacheDirectory
  ) throws(TokenizerError) {
    let cache = cacheDirectory.map(VocabularyCache.init)
    guard isDirectory(path) == true else {
      var config = TokenizerConfig()
      if path.hasSuffix(".model") { config.tokenizerClass = .xlmRoberta }
      try self.init(TokenizerFile(path: path, cache: cache), config: config, lowercase: lowercase)
      return
    }
    var config = try TokenizerConfig(directory: path)
    var file = path + "/tokenizer.json"
    if isDirectory(file) == nil, isDirectory(path + "/sentencepiece.bpe.model") != nil {
      file = path + "/sentencepiece.bpe.model"
      config.tokenizerClass = .xlmRoberta
    }
    try self.init(TokenizerFile(path: file, cache: cache), config: config, lowercase: lowercase)
  }

  /// `ktrain/tokenizers` in `$XDG_CACHE_HOME`, or in `~/.cache` if that is not set; nil if there is
  /// no home either.
  public static var defaultCacheDirectory: String? {
    if let cache = environment("XDG_CACHE_HOME") { return cache + "/ktrain/tokenizers" }
    return environment("HOME").map { $0 + "/.cache/ktrain/tokenizers" }
  }

  /// An absolute path in the environment; others do not count, as the XDG specification has it.
  private static func environment(_ name: String) -> String? {
    guard let value = getenv(name), value[0] == UInt8(ascii: "/") else { return nil }
    return String(cString: value)
  }

  private init(
    _ source: TokenizerFile, config: TokenizerConfig, lowercase: Bool
  ) throws(TokenizerError) {
    let file = source.field
    try file.allowOnly(
      "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
      "post_processor", "decoder", "model")
    let version = try file.member("version")
    guard try version.string() == "1.0" else {
      throw version.fault("only version \"1.0\" is supported", code: .unsupported)
    }
    let model = try file.member("model").model(vocabulary: source.vocabulary)
    let steps = config.overruling(
      normalizer: try file["normalizer"].map { (field) throws(TokenizerError) in
        try field.normalizer()
      },
      preTokenizer: try file["pre_tokenizer"].map { (field) throws(TokenizerError) in
        try field.preTokenizer()
      }, of: model)
    let normalizer =
      lowercase
      ? NormalizerSequence(putting: Lowercase(), before: steps.normalizer) : steps.normalizer
    let added = try AddedTokens(
      try file["added_tokens"]?.elements() ?? [], model: model, normalizer: normalizer)
    self.normalizer = normalizer
    self.model = model
    addedTokens = added
    preTokenizer = steps.preTokenizer
    postProcessor =
      try file["post_processor"].map { (field) throws(TokenizerError) in
        try field.postProcessor { added.id(of: $0) ?? model.id(of: $0) }
      } ?? PostProcessor()
    decodingStep = config.overruling(
      decoder: try file["decoder"].map { (field) throws(TokenizerError) in try field.decoder() }
        ?? SpaceDecoder(), of: model)
    cleansUpSpaces = config.cleansUpSpaces
    path = file.path
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
