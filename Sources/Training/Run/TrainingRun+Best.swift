internal import Checkpoints
internal import Encoders

extension TrainingRun {
  /// Removes the oldest checkpoints beyond `save_total_limit`.
  ///
  /// - Parameter isEnd: Whether the run is done.
  /// - Throws: `CheckpointError` if one cannot be removed.
  func removeCheckpoints(isEnd: Bool) throws {
    guard let limit = arguments.saveTotalLimit else { return }
    for step in state.best.surplus(of: try directory.checkpointSteps, limit: limit, isEnd: isEnd) {
      try AtomicDirectory.remove(directory.checkpoint(step))
    }
  }

  /// Removes what a run has left that was killed after its model was written, before the oldest
  /// checkpoints were removed; nothing of a run that is not done.
  ///
  /// - Throws: `CheckpointError` if one cannot be removed.
  public func removeLeftovers() throws {
    guard isFinished, let newest = try directory.checkpointSteps.first,
      let saved = SavedCheckpoint.state(of: directory.checkpoint(newest))
    else { return }
    state.best = saved.best
    try removeCheckpoints(isEnd: true)
  }

  /// Puts the weights of the best checkpoint into the model, if the recipe says so.
  ///
  /// - Returns: The step of the model.
  func loadBest(_ observer: (TrainingEvent) -> Void) throws -> Int {
    guard arguments.loadBestModelAtEnd else { return state.step }
    guard let step = state.best.checkpoint, let metric = state.best.metric else {
      observer(.notice("there is no checkpoint that was evaluated: final is the last model"))
      return state.step
    }
    try SavedCheckpoint.restore(encoder, from: directory.checkpoint(step))
    observer(.notice("final is the model of step \(step), whose metric is the best: \(metric)"))
    return step
  }

  /// How far the model is from the one that the run began with.
  ///
  /// - Returns: nil if that is not there any more, which is said.
  func weightChange(_ observer: (TrainingEvent) -> Void) -> WeightChange? {
    do { return try encoder.changeSinceRead() } catch {
      observer(.notice("how far the weights have moved is not known: \(error)"))
      return nil
    }
  }
}
