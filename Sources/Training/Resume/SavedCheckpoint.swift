internal import Checkpoints
internal import Encoders
internal import FoundationEssentials
internal import JSONValues
internal import Optimizers
internal import Tensors

/// A checkpoint that a run can be continued from: whole, and with all that it takes.
struct SavedCheckpoint {
  let path: String
  let state: RunState
  let identity: RunIdentity
  let log: [LogEntry]

  /// Reads a checkpoint; weights and moments are left for ``restore(_:_:)``.
  ///
  /// - Parameter path: Its directory.
  /// - Throws: `CheckpointError` if it is not as its manifest says; ``RunError`` if it is whole and
  ///   cannot be continued.
  init(reading path: String) throws {
    try Manifest.verify(path)
    self.path = path
    guard FileManager.default.fileExists(atPath: path + "/training_state.json") else {
      throw RunError(
        .checkpoint, "holds the model alone (save_only_model), which cannot be continued",
        place: absolute(path))
    }
    let value = try ConfigurationFile(contentsOf: path + "/training_state.json").value
    guard value["format"] == .integer(Self.format) else {
      throw RunError(
        .checkpoint, "was written by another version of ktrain, which cannot be continued",
        place: absolute(path))
    }
    let history = try ConfigurationFile(contentsOf: path + "/trainer_state.json")
      .value["log_history"]?.array
    guard let state = RunState(value), let identity = RunIdentity(value),
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
        first: try file.read(parameter.name + ".exp_avg", shape: parameter.shape),
        second: try file.read(parameter.name + ".exp_avg_sq", shape: parameter.shape))
    }
    optimizer.restore(stepCount: stepCount, moments: moments)
  }

  /// Puts the weights of a checkpoint into a model.
  ///
  /// - Throws: As ``restore(_:_:)``.
  static func restore(_ encoder: SentenceEncoder, from path: String) throws {
    let file = try SafetensorsFile(contentsOf: path + "/model.safetensors")
    for parameter in encoder.model.parameters {
      parameter.value = try file.read(parameter.name, shape: parameter.shape)
    }
  }
}

extension SafetensorsFile {
  fileprivate func read(_ name: String, shape: [Int]) throws -> Tensor {
    guard let view = tensor(name), view.shape == shape else {
      throw RunError(
        .checkpoint, "there is no tensor \(name) of shape \(shape)", place: path)
    }
    var value = Tensor(shape) { _ in }
    try value.withMutableElements { try view.copyFloats(to: $0) }
    return value
  }
}
