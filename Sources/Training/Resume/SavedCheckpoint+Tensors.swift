internal import Checkpoints
internal import Encoders
internal import Optimizers
internal import Tensors

extension SavedCheckpoint {
  /// Puts weights and moments where they were.
  ///
  /// Both files are read once, and hashed while they are: on an error the weights are not those of
  /// any model, and must not be used.
  ///
  /// - Throws: `CheckpointError` if a file is not as the manifest says; ``RunError`` if it is, and a
  ///   tensor is missing or of another shape.
  func restore(_ encoder: SentenceEncoder, _ optimizer: AdamW) throws {
    try Self.restore(encoder, from: path)
    var stepCount = 0
    var moments: [(first: ArrivingMoment, second: ArrivingMoment)?] = []
    try Self.read(Self.moments, of: path) { file in
      guard let count = file.metadata["step"].flatMap({ Int($0) }), count >= 0 else {
        throw RunError(.checkpoint, "its metadata has no \"step\"", place: file.path)
      }
      stepCount = count
      return try optimizer.parameters.flatMap { parameter -> [SafetensorsFile.Target] in
        let (first, second) = (parameter.name + ".exp_avg", parameter.name + ".exp_avg_sq")
        // A parameter that had no gradient yet has none.
        guard file.tensor(first) != nil else {
          moments.append(nil)
          return []
        }
        let pair = (first: ArrivingMoment(of: parameter), second: ArrivingMoment(of: parameter))
        moments.append(pair)
        return [
          try pair.first.target(file.view(first, shape: parameter.shape)),
          try pair.second.target(file.view(second, shape: parameter.shape)),
        ]
      }
    }
    optimizer.restore(
      stepCount: stepCount,
      moments: moments.map { moments in
        moments.map { AdamW.Moments(first: $0.first.value, second: $0.second.value) }
      })
  }

  /// Puts the weights of a checkpoint into a model, where its own are, so that there are never two of
  /// them.
  ///
  /// - Throws: As ``restore(_:_:)``.
  static func restore(_ encoder: SentenceEncoder, from path: String) throws {
    try read(weights, of: path) { file in
      try encoder.model.parameters.map { parameter in
        let view = try file.view(parameter.name, shape: parameter.shape)
        return (view, try view.floats(at: parameter.mutablePointer()))
      }
    }
  }

  /// Reads one of a checkpoint's files of tensors once, and checks its digest.
  private static func read(
    _ name: String, of path: String,
    into targets: (SafetensorsFile) throws -> [SafetensorsFile.Target]
  ) throws {
    let manifest = try Manifest(reading: path)
    do {
      let file = try SafetensorsFile(contentsOf: path + "/" + name)
      try manifest.check(file.digest(reading: targets(file)), of: name, in: path)
    } catch let error as RunError {
      // What a damaged file lacks says nothing of its run.
      try manifest.check(FileDigest(contentsOf: path + "/" + name), of: name, in: path)
      throw error
    }
  }
}

/// A moment that is being read; that of a table takes memory only where it is not zero, for rows that
/// were looked up.
private final class ArrivingMoment {
  private(set) var value: Tensor
  private let isTable: Bool

  init(of parameter: Parameter) {
    isTable = parameter.name.hasPrefix("embeddings.")
    value = isTable ? Tensor(zeros: parameter.shape) : Tensor(parameter.shape) { _ in }
  }

  func target(_ view: TensorView) throws -> SafetensorsFile.Target {
    if isTable { return (view, .pieces { [self] in value.writeNonzero($1, at: $0) }) }
    return (view, try view.floats(at: value.mutablePointer()))
  }
}

extension SafetensorsFile {
  fileprivate func view(_ name: String, shape: [Int]) throws -> TensorView {
    guard let view = tensor(name), view.shape == shape, view.dtype == .f32 else {
      throw RunError(
        .checkpoint, "there is no tensor \(name) of shape \(shape) in F32", place: path)
    }
    return view
  }
}
