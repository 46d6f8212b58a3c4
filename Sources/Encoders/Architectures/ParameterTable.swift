internal import Checkpoints
internal import Tensors

/// The weights of a checkpoint on their way into a model.
///
/// The encoder asks for each parameter by the checkpoint's own name and shape; what it never asks
/// for, such as the pooler, is carried through to the next save. The weights are there when all have
/// been asked for and ``read(hashes:)`` was called.
struct ParameterTable {
  private let file: SafetensorsCollection
  private let prefix: String
  private(set) var parameters: [Parameter] = []
  private var used: Set<String> = []
  private var targets: [SafetensorsFile.Target] = []

  /// Opens `model.safetensors`, or the shards of `model.safetensors.index.json`.
  ///
  /// - Parameters:
  ///   - directory: The directory of the transformer.
  ///   - configuration: What the names begin with if the checkpoint is of a model with a head.
  /// - Throws: `CheckpointError`, or ``EncoderError`` if there is no such file.
  init(directory: String, configuration: TransformerConfiguration) throws {
    file = try Self.open(directory)
    let marker = "embeddings.word_embeddings.weight"
    let isPrefixed =
      file.tensor(marker) == nil
      && file.tensor(configuration.prefix + "." + marker) != nil
    prefix = isPrefixed ? configuration.prefix + "." : ""
  }

  private static func open(_ directory: String) throws -> SafetensorsCollection {
    for name in ["model.safetensors", "model.safetensors.index.json"] {
      let path = directory + "/" + name
      if fileExists(path) { return try SafetensorsCollection(contentsOf: path) }
    }
    throw EncoderError(
      .missing,
      "has neither model.safetensors nor model.safetensors.index.json; convert older "
        + "weights (pytorch_model.bin) with transformers' save_pretrained", path: directory)
  }

  /// The parameter of a name, whose weights are still to be read.
  ///
  /// - Parameters:
  ///   - name: The name without any prefix.
  ///   - shape: The extents that the configuration implies.
  /// - Returns: The parameter, in single precision whatever the file stores.
  /// - Throws: ``EncoderError`` if the tensor is missing or of another shape, `CheckpointError` if
  ///   it is not of floating-point numbers.
  mutating func parameter(_ name: String, shape: [Int]) throws -> Parameter {
    let view = try view(name, shape: shape)
    let parameter = Parameter(
      name: name, index: parameters.count, value: Tensor(shape) { _ in })
    try targets.append((view, view.floats(at: parameter.mutablePointer())))
    parameters.append(parameter)
    used.insert(prefix + name)
    return parameter
  }

  /// Reads the weights of all parameters.
  ///
  /// - Parameter hashes: Whether the files are hashed on the way.
  /// - Returns: The digests of the files by their absolute paths; none if they are not hashed.
  /// - Throws: `CheckpointError` if a file cannot be read.
  func read(hashes: Bool) throws -> [String: FileDigest] { try file.read(targets, hashes: hashes) }

  /// The weights of a name, at once; see ``parameter(_:shape:)``.
  func weights(_ name: String, shape: [Int]) throws -> Tensor {
    let view = try view(name, shape: shape)
    var value = Tensor(shape) { _ in }
    try value.withMutableElements { try view.copyFloats(to: $0) }
    view.releasePages()
    return value
  }

  private func view(_ name: String, shape: [Int]) throws -> TensorView {
    guard let view = file.tensor(prefix + name) else {
      throw EncoderError(.missing, "there is no tensor \(prefix + name)", path: file.path)
    }
    guard view.shape == shape else {
      throw EncoderError(
        .shape, "has shape \(view.shape), but config.json implies \(shape)", path: file.path,
        field: view.name)
    }
    return view
  }

  /// The tensors that were not asked for, under the names that a save gives them.
  ///
  /// With a prefix only those that have it: the rest is a head, which transformers drops, too.
  var carriedThrough: [(name: String, tensor: TensorView)] {
    file.names.filter { !used.contains($0) && $0.hasPrefix(prefix) }
      .compactMap { name in
        file.tensor(name).map { (String(name.dropFirst(prefix.count)), $0) }
      }
  }
}
