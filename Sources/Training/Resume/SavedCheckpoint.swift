internal import Checkpoints
internal import Encoders
internal import FoundationEssentials
package import JSONValues

/// A checkpoint that a run can be continued from: whole, and with all that it takes.
package struct SavedCheckpoint {
  let path: String
  let state: RunState
  let identity: RunIdentity
  /// The log up to the checkpoint.
  package let log: [LogEntry]

  /// Reads a checkpoint; weights and moments are left for ``restore(_:_:)``, which checks them.
  ///
  /// - Parameter path: Its directory.
  /// - Throws: `CheckpointError` if the rest is not as its manifest says; ``RunError`` if that is
  ///   whole and cannot be continued.
  init(reading path: String) throws {
    try Manifest.verify(path, butNotContentsOf: [Self.weights, Self.moments])
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

  /// Where the run of a checkpoint stood; nil if it does not say.
  static func state(of path: String) -> RunState? {
    (try? ConfigurationFile(contentsOf: path + "/training_state.json")).flatMap {
      RunState($0.value)
    }
  }

  /// The version of `training_state.json`.
  static let format = 2
  /// The file of the weights.
  static let weights = "model.safetensors"
  /// The file of the moments.
  static let moments = "optimizer.safetensors"
}
