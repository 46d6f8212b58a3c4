internal import Checkpoints
internal import Encoders
internal import FoundationEssentials
package import JSONValues
internal import Optimizers
internal import Tensors

/// A checkpoint that a run can be continued from: whole, and with all that it takes.
package struct SavedCheckpoint {
  let path: String
  let state: RunState
  let identity: RunIdentity
  /// The log up to the checkpoint.
  package let log: [LogEntry]

  /// Reads a checkpoint; weights and moments are left for ``restore(_:_:)``.
  ///
  /// - Parameter path: Its directory.
  /// - Throws: `CheckpointError` if it is not as its manifest says; ``RunError`` if it is whole and
  ///   cannot be continued.
  init(reading path: String) throws {
    try Manifest.verify(path)
    guard FileManager.default.fileExists(atPath: path + "/training_state.json") else {
      throw RunError(
        .checkpoint, "holds the model alone (save_only_model), which cannot be continued",
        place: absolute(path))
    }
    try self.init(
      path: path,
      trainingState: ConfigurationFile(contentsOf: path + "/training_state.json").value,
      trainerState: ConfigurationFile(contentsOf: path + "/trainer_state.json").value)
  }

  /// Reads what the two files of a checkpoint say of where its run stands.
  ///
  /// - Parameters:
  ///   - path: The checkpoint's directory.
  ///   - trainingState: `training_state.json`.
  ///   - trainerState: `trainer_state.json`.
  /// - Throws: ``RunError`` if they cannot be continued.
  package init(path: String, trainingState: JSONValue, trainerState: JSONValue) throws {
    self.path = path
    guard trainingState["format"] == .integer(Self.format) else {
      throw RunError(
        .checkpoint, "was written by another version of ktrain, which cannot be continued",
        place: absolute(path))
    }
    let history = trainerState["log_history"]?.array
    guard let state = RunState(trainingState), let identity = RunIdentity(trainingState),
      let log = history?.map(\.object), !log.contains(nil)
    else {
      throw RunError(
        .checkpoint,
        "training_state.json or trainer_state.json lacks a field that it had when it "
          + "was written", place: absolute(path))
    }
    (self.state, self.identity) = (state, identity)
    self.log = log.compactMap { $0 }.map(LogEntry.init)
  }

  /// Of which run a checkpoint says it is; nil if it does not say.
  static func identity(of path: String) -> RunIdentity? {
    (try? ConfigurationFile(contentsOf: path + "/training_state.json")).flatMap {
      RunIdentity($0.value)
    }
  }

  /// The version of `training_state.json`.
  static let format = 2

  /// Puts weights and moments where they were.
  ///
  /// - Throws: `CheckpointError` or ``RunError`` if a tensor is missing or of another shape.
  func restore(_ encoder: SentenceEncoder, _ optimizer: AdamW) throws {
    try Self.restore(encoder, from: path)
    let file = try SafetensorsFile(contentsOf: path + "/optimizer.safetensors")
    guard let stepCount = file.metadata["step"].flatMap({ Int($0) }), stepCount >= 0 else {
      throw RunError(.checkpoint, "its metadata has no \"step\"", place: file.path)
    }
    let moments = try optimizer.parameters.map { parameter -> AdamW.Moments? in
      // A parameter that had no gradient yet has none.
      guard file.tensor(parameter.name + ".exp_avg") != nil else { return nil }
      return AdamW.Moments(
        first: try file.moment(parameter.name + ".exp_avg", of: parameter),
        second: try file.moment(parameter.name + ".exp_avg_sq", of: parameter))
    }
    optimizer.restore(stepCount: stepCount, moments: moments)
  }

  /// Puts the weights of a checkpoint into a model.
  ///
  /// - Throws: As ``restore(_:_:)``.
  static func restore(_ encoder: SentenceEncoder, from path: String) throws {
    let file = try SafetensorsFile(contentsOf: path + "/model.safetensors")
    for parameter in encoder.model.parameters {
      let view = try file.view(parameter.name, shape: parameter.shape)
      // Where the weights lie, so that there are never two of them.
      if view.dtype == .f32 {
        parameter.change { view.copy(to: $0) }
      } else {
        try parameter.change { weights in
          try view.copyFloats(to: UnsafeMutableBufferPointer(start: weights, count: view.count))
        }
        view.releasePages()
      }
    }
  }
}

extension SafetensorsFile {
  fileprivate func view(_ name: String, shape: [Int]) throws -> TensorView {
    guard let view = tensor(name), view.shape == shape else {
      throw RunError(
        .checkpoint, "there is no tensor \(name) of shape \(shape)", place: path)
    }
    return view
  }

  /// A moment; that of a table takes memory only where it is not zero, for rows that were looked up.
  fileprivate func moment(_ name: String, of parameter: Parameter) throws -> Tensor {
    let shape = parameter.shape
    let view = try view(name, shape: shape)
    guard view.dtype == .f32 else {
      throw RunError(.checkpoint, "the tensor \(name) is \(view.dtype), expected F32", place: path)
    }
    guard parameter.name.hasPrefix("embeddings.") else {
      return Tensor(shape) { view.copy(to: $0) }
    }
    var value = Tensor(zeros: shape)
    view.forEachPiece { value.writeNonzero($1, at: $0) }
    return value
  }
}

extension TensorView {
  /// Writes numbers that are stored as they are held, on all threads.
  fileprivate func copy(to target: UnsafeMutablePointer<Float>) {
    forEachPiece { offset, bytes in
      let start = UnsafeMutableRawPointer(target) + offset
      WorkerPool.forEachBlock(of: bytes.count, size: 4 << 20) { block in
        (start + block.lowerBound).copyMemory(
          from: bytes.baseAddress! + block.lowerBound, byteCount: block.count)
      }
    }
  }
}
