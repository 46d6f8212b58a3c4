internal import Checkpoints
internal import Encoders
internal import FoundationEssentials
internal import JSONValues

/// Which checkpoint a run continues.
public enum ResumePolicy: Hashable, Sendable {
  /// The newest whole one of the same recipe, data and models in the run's directory; none if the
  /// directory is empty or was left before the first checkpoint.
  case auto
  /// None: the directory must be empty.
  case never
  /// The one in this directory.
  case checkpoint(String)
}

/// Where a run begins.
enum Resumption {
  /// At its first step.
  case start
  /// After a checkpoint.
  case after(SavedCheckpoint)
  /// Nowhere: it is done.
  case finished
}

/// Decides where a run begins, from what is in its directory.
struct ResumptionPlan {
  let directory: RunDirectory
  let identity: RunIdentity
  /// Whether a checkpoint of another run is continued all the same.
  let isForced: Bool
  let report: (TrainingEvent) -> Void
  /// Reads weights and moments of a checkpoint; throws `CheckpointError` if they are damaged.
  let load: (SavedCheckpoint) throws -> Void

  /// Where the run begins.
  ///
  /// - Throws: ``RunError`` if the directory holds something else than this run, and the remedy.
  func resumption(_ policy: ResumePolicy) throws -> Resumption {
    switch policy {
    case .never:
      guard try directory.isEmpty else {
        throw fault(
          "is not empty: choose another output_dir, remove it, or continue its run with --resume auto"
        )
      }
      return .start
    case .checkpoint(let path): return .after(try checkpoint(at: path))
    case .auto:
      if try directory.isEmpty { return .start }
      if try isFinished() { return .finished }
      return try newestCheckpoint()
    }
  }

  /// Whether the run is done: its log ends with the line of the whole run, and the model is there.
  private func isFinished() throws -> Bool {
    guard let last = lastLine(of: directory.path + "/log.jsonl"),
      last["train_runtime"] != nil,
      FileManager.default.fileExists(atPath: directory.path + "/final/model.safetensors"),
      var differences = recipeDifferences()
    else { return false }
    // Of the data only checkpoints know.
    if let step = try directory.checkpointSteps.first,
      let then = SavedCheckpoint.identity(of: directory.checkpoint(step))
    {
      differences = RunDifferences(from: then, to: identity)
    }
    if differences.essential.isEmpty { return true }
    if isForced { return false }
    throw fault(
      "holds a finished run that is another one: \(differences.essential.joined(separator: "; ")); "
        + "choose another output_dir or remove it")
  }

  /// The newest checkpoint that is whole; the damaged ones on the way are told of.
  private func newestCheckpoint() throws -> Resumption {
    var damages: [String] = []
    for step in try directory.checkpointSteps {
      do {
        let checkpoint = try SavedCheckpoint(reading: directory.checkpoint(step))
        try take(checkpoint, check(checkpoint))
        for damage in damages { report(.notice(damage + "; an older checkpoint is continued")) }
        return .after(checkpoint)
      } catch let error as CheckpointError {
        damages.append("\(absolute(directory.checkpoint(step))) is damaged: \(error.description)")
      }
    }
    if let damage = damages.first {
      throw RunError(
        .checkpoint,
        "\(damage); no other checkpoint is left: remove it, or choose another output_dir")
    }
    return try afresh()
  }

  /// A run that was killed before its first checkpoint starts once more.
  private func afresh() throws -> Resumption {
    let known = RunDirectory.beginning
    guard let differences = recipeDifferences(), try directory.names.allSatisfy(known.contains)
    else {
      throw fault(
        "is not empty and holds no checkpoint of this run: choose another output_dir or remove it")
    }
    guard differences.essential.isEmpty else {
      throw fault(
        "holds the beginning of another run: \(differences.essential.joined(separator: "; ")); "
          + "choose another output_dir or remove it")
    }
    report(.notice("\(directory.path) holds a run without a checkpoint: it starts once more"))
    return .start
  }

  /// The checkpoint that was asked for.
  private func checkpoint(at path: String) throws -> SavedCheckpoint {
    let checkpoint = try SavedCheckpoint(reading: path)
    let differences = try check(checkpoint)
    let isOwn = try directory.checkpointSteps.contains {
      absolute(directory.checkpoint($0)) == absolute(path)
    }
    guard try isOwn || directory.isEmpty else {
      throw fault("is not empty, and \(path) is not in it: choose another output_dir")
    }
    if let newest = try directory.checkpointSteps.first, newest > checkpoint.state.step {
      throw fault(
        "holds checkpoint-\(newest), which is newer than \(path): remove it first, or choose another "
          + "output_dir")
    }
    try take(checkpoint, differences)
    return checkpoint
  }

  /// Checks that a checkpoint is of this run.
  ///
  /// - Returns: What has changed since, and may.
  private func check(_ checkpoint: SavedCheckpoint) throws -> RunDifferences {
    let differences = RunDifferences(from: checkpoint.identity, to: identity)
    guard differences.essential.isEmpty || isForced else {
      throw RunError(
        .checkpoint,
        "is of another run: \(differences.essential.joined(separator: "; ")); put it back, "
          + "choose another output_dir, or continue all the same with --force",
        place: absolute(checkpoint.path))
    }
    return differences
  }

  /// Loads a checkpoint, and tells of what has changed since.
  private func take(_ checkpoint: SavedCheckpoint, _ differences: RunDifferences) throws {
    try load(checkpoint)
    for difference in differences.essential + differences.harmless {
      report(.notice("since \(checkpoint.path) \(difference)"))
    }
  }

  /// How the recipe differs from the one in the directory; nil if there is none.
  private func recipeDifferences() -> RunDifferences? {
    let path = directory.path + "/recipe.json"
    guard let file = try? ConfigurationFile(contentsOf: path) else { return nil }
    return RunDifferences(from: file.value, to: identity.recipe)
  }

  private func lastLine(of path: String) -> JSONValue? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    let line = String(decoding: data, as: UTF8.self).split(separator: "\n").last
    return line.flatMap { try? JSONValue(parsing: String($0)) }
  }

  private func fault(_ message: String) -> RunError {
    RunError(.output, message, place: absolute(directory.path))
  }
}
