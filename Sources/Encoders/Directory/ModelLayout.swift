internal import FoundationEssentials
internal import JSONValues
public import Tensors

/// What the small files of a sentence-transformers directory say: of which modules the model is
/// made and how it is used.
///
/// Every layout from 2.x to 6.x is read, and a plain transformers directory, which means mean
/// pooling as it does there.
public struct ModelLayout: Hashable, Sendable {
  /// The directory of the transformer's files, relative to the model's; "" for the same.
  public var transformerPath = ""
  /// How many tokens of a text count, special tokens included; nil if no file says.
  public var maxSequenceLength: Int?
  /// Whether texts are put in lower case before the tokenizer sees them.
  public var lowerCases = false
  /// How the tokens become one vector.
  public var pooling = PoolingMode.mean
  /// Whether a prompt's tokens count in pooling.
  public var poolsPrompt = true
  /// Whether the embeddings are scaled to length 1.
  public var normalizes = false
  /// Texts to put in front, by name.
  public var prompts: [String: String] = [:]
  /// The prompt that is used when none is named.
  public var defaultPromptName: String?
  /// How embeddings are to be compared: `cosine`, `dot`, `euclidean` or `manhattan`.
  public var similarity = "cosine"

  /// Reads the layout of a directory.
  ///
  /// - Parameter directory: The model's directory.
  /// - Throws: ``EncoderError`` that names the file, the field and what is supported.
  public init(directory: String) throws {
    guard FileManager.default.fileExists(atPath: directory) else {
      throw EncoderError(
        .missing,
        "there is no such directory; expected a model's, as the hub's clients download it",
        path: absolute(directory))
    }
    try readUse(directory)
    guard
      let modules = try ConfigurationFile(
        ifPresent: directory + "/modules.json", allowingArray: true)
    else {
      try readTransformer(directory)
      return
    }
    try readModules(modules, directory)
  }

  /// The directory of the transformer's files.
  func transformerDirectory(in directory: String) -> String {
    transformerPath.isEmpty ? directory : directory + "/" + transformerPath
  }

  private mutating func readModules(_ file: ConfigurationFile, _ directory: String) throws {
    guard let modules = file.value.array else {
      throw EncoderError(
        .malformed, "expected an array, found \(file.value.kind)", path: file.path)
    }
    var seen: [String] = []
    for (index, module) in modules.enumerated() {
      guard let type = module["type"]?.string, let path = module["path"]?.string else {
        throw EncoderError(
          .malformed, "expected \"type\" and \"path\" strings", path: file.path,
          field: "[\(index)]")
      }
      // The package's modules have moved four times; the class names have stayed.
      let name = type.split(separator: ".").last.map(String.init) ?? ""
      let folder = path.isEmpty ? directory : directory + "/" + path
      switch (index, name) {
      case (0, "Transformer"):
        transformerPath = path
        try readTransformer(folder)
      case (1, "Pooling"): try readPooling(folder)
      case (2, "Normalize"): normalizes = true
      default:
        throw EncoderError(
          .unsupported,
          "there is no code for a module \"\(type)\" in place \(index); supported: Transformer, "
            + "Pooling, Normalize in this order", path: file.path, field: "[\(index)].type")
      }
      seen.append(name)
    }
    guard seen.count >= 2 else {
      throw EncoderError(
        .malformed, "expected at least a Transformer and a Pooling module", path: file.path)
    }
  }

  private mutating func readTransformer(_ directory: String) throws {
    for model in ["bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"] {
      let path = "\(directory)/sentence_\(model)_config.json"
      guard let file = try ConfigurationFile(ifPresent: path) else { continue }
      maxSequenceLength = try file.integer(ifPresent: "max_seq_length", minimum: 1)
      lowerCases = try file.bool(ifPresent: "do_lower_case") ?? false
      try file.require("transformer_task", oneOf: ["feature-extraction"])
      break
    }
  }

  private mutating func readPooling(_ directory: String) throws {
    let file = try ConfigurationFile(contentsOf: directory + "/config.json")
    poolsPrompt = try file.bool(ifPresent: "include_prompt") ?? true
    var modes: [String] = []
    switch file.value["pooling_mode"] {
    case .string(let mode)?: modes = [mode]
    case .array(let list)?: modes = list.map { $0.string ?? $0.text() }
    case nil, .null?:
      for (field, mode) in Self.legacyModes where try file.bool(ifPresent: field) == true {
        modes.append(mode)
      }
    case let other?:
      throw EncoderError(
        .malformed, "expected a string, found \(other.text())", path: file.path,
        field: "pooling_mode")
    }
    let names = modes.isEmpty ? ["mean"] : modes
    guard names.count == 1, let mode = PoolingMode(rawValue: names[0]) else {
      throw EncoderError(
        .unsupported, "\(names.joined(separator: " + ")) is not supported; supported: cls, mean",
        path: file.path, field: "pooling_mode")
    }
    pooling = mode
  }

  private mutating func readUse(_ directory: String) throws {
    let path = directory + "/config_sentence_transformers.json"
    guard let file = try ConfigurationFile(ifPresent: path) else { return }
    try file.require("model_type", oneOf: ["SentenceTransformer"])
    try file.require("truncate_dim", oneOf: [])
    similarity = try file.string(ifPresent: "similarity_fn_name") ?? "cosine"
    defaultPromptName = try file.string(ifPresent: "default_prompt_name")
    guard let object = file.value["prompts"], !object.isNull else { return }
    for (name, prompt) in object.object.map({ Array($0.members) }) ?? [] {
      guard let text = prompt.string else {
        throw EncoderError(
          .malformed, "expected a string, found \(prompt.text())", path: path,
          field: "prompts.\(name)")
      }
      prompts[name] = text
    }
  }

  /// The older spelling of the pooling modes, in the order in which they were concatenated.
  static let legacyModes = [
    ("pooling_mode_cls_token", "cls"), ("pooling_mode_max_tokens", "max"),
    ("pooling_mode_mean_tokens", "mean"),
    ("pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens"),
    ("pooling_mode_weightedmean_tokens", "weightedmean"),
    ("pooling_mode_lasttoken", "lasttoken"),
  ]
}

/// The absolute form of a path.
package func absolute(_ path: String) -> String {
  URL(filePath: path).standardized.path(percentEncoded: false)
}

/// Whether there is a file.
func fileExists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
