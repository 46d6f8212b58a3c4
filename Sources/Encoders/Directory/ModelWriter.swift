public import Checkpoints
internal import FoundationEssentials
internal import JSONValues
public import Tensors

extension SentenceEncoder {
  /// Writes the model into an empty directory, in the layout that sentence-transformers 2.x to 6.x
  /// and transformers load: the older names of the modules, which all of them know.
  ///
  /// The tokenizer's files are copied as they are. The weights are written in single precision,
  /// the unused tensors of the checkpoint with them.
  ///
  /// - Parameters:
  ///   - target: The directory, which exists.
  ///   - readme: The model card.
  ///   - weights: The weights; nil for those of now.
  /// - Throws: `CheckpointError` or ``EncoderError`` with the path.
  public func write(
    to target: String, readme: String, weights: [Safetensors.Entry]? = nil
  ) throws {
    try description.write(to: target)
    try AtomicFile.write(readme, to: target + "/README.md")
    try Safetensors.write(
      (weights ?? model.parameters.map(\.entry))
        + carriedThrough.map { name, tensor in
          Safetensors.Entry(tensor, name: name)
        }, metadata: ["format": "pt"], to: target + "/model.safetensors")
  }
}

extension ModelDescription {
  /// Writes all files of the model but weights and card into an empty directory; see
  /// ``SentenceEncoder/write(to:readme:)``.
  func write(to target: String) throws {
    let folder = layout.transformerDirectory(in: directory)
    try copyTokenizer(from: folder, to: target)
    try writeConfiguration(from: folder, to: target)
    try writeModules(to: target)
  }

  /// The files that a tokenizer may consist of.
  static let tokenizerFiles = [
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt",
    "sentencepiece.bpe.model", "added_tokens.json",
  ]

  private func copyTokenizer(from folder: String, to target: String) throws {
    for name in Self.tokenizerFiles where fileExists(folder + "/" + name) {
      let source = folder + "/" + name
      guard let data = FileManager.default.contents(atPath: source) else {
        throw EncoderError(.missing, "cannot be read", path: absolute(source))
      }
      try AtomicFile.write(to: target + "/" + name) { file in
        try data.withUnsafeBytes { bytes throws in try file.write(bytes) }
      }
    }
  }

  private func writeConfiguration(from folder: String, to target: String) throws {
    var configuration = try ConfigurationFile(contentsOf: folder + "/config.json").value
    if var object = configuration.object {
      // A reader takes this for the type of the stored weights.
      for name in ["dtype", "torch_dtype"] where object[name] != nil { object[name] = "float32" }
      configuration = .object(object)
    }
    try AtomicFile.write(configuration.text(indent: 2) + "\n", to: target + "/config.json")
    let use = directory + "/config_sentence_transformers.json"
    var object = try ConfigurationFile(ifPresent: use)?.value.object ?? JSONObject()
    object["similarity_fn_name"] = .string(layout.similarity)
    try AtomicFile.write(
      JSONValue.object(object).text(indent: 2) + "\n",
      to: target + "/config_sentence_transformers.json")
    let transformer: JSONValue = [
      "max_seq_length": .integer(maxSequenceLength), "do_lower_case": .bool(layout.lowerCases),
    ]
    try AtomicFile.write(
      transformer.text(indent: 2) + "\n", to: target + "/sentence_bert_config.json")
  }

  private func writeModules(to target: String) throws {
    var modules = [("", "Transformer"), ("1_Pooling", "Pooling")]
    if layout.normalizes { modules.append(("2_Normalize", "Normalize")) }
    let list = modules.enumerated().map { index, module -> JSONValue in
      [
        "idx": .integer(index), "name": .string(String(index)), "path": .string(module.0),
        "type": .string("sentence_transformers.models." + module.1),
      ]
    }
    try AtomicFile.write(
      JSONValue.array(list).text(indent: 2) + "\n", to: target + "/modules.json")
    var pooling = JSONObject([("word_embedding_dimension", .integer(dimension))])
    for (field, mode) in ModelLayout.legacyModes {
      pooling[field] = .bool(mode == layout.pooling.rawValue)
    }
    pooling["include_prompt"] = .bool(layout.poolsPrompt)
    for module in modules.dropFirst() {
      try AtomicDirectory.create(target + "/" + module.0)
    }
    try AtomicFile.write(
      JSONValue.object(pooling).text(indent: 2) + "\n", to: target + "/1_Pooling/config.json")
  }
}

extension Parameter {
  /// The parameter as an entry of a safetensors file.
  public var entry: Safetensors.Entry { value.entry(name: name) }
}

extension Tensor {
  /// The tensor as an entry of a safetensors file.
  ///
  /// - Parameter name: The tensor's name there.
  /// - Returns: An entry that reads the elements while the file is written.
  public func entry(name: String) -> Safetensors.Entry {
    Safetensors.Entry(name: name, dtype: .f32, shape: shape) { write in
      try withElements { try write(UnsafeRawBufferPointer($0)) }
    }
  }
}
