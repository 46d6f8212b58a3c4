internal import Encoders

extension TrainingRun {
  /// Puts the run where a checkpoint was saved, whose weights and moments are there already.
  func resume(
    from checkpoint: SavedCheckpoint, _ observer: (TrainingEvent) -> Void
  ) throws {
    state = checkpoint.state
    let steps = try directory.checkpointSteps
    savedStep = steps.first { $0 == state.step }
    if let best = state.best.checkpoint, !steps.contains(best) {
      observer(
        .notice("the best checkpoint so far, \(directory.checkpoint(best)), is not there any more"))
      state.best.checkpoint = nil
    }
  }

  /// Begins the log with what the checkpoint has of it: later lines, of steps that are now taken
  /// once more, are cut off, in the evaluators' files too.
  func beginLog() throws -> TrainingLog {
    var entries: [LogEntry] = []
    var lastStep = -1
    if case .after(let checkpoint) = resumption {
      entries = checkpoint.log
      // An evaluation that is still due after the last step may have written its rows.
      lastStep = state.pending.evaluates ? state.step - 1 : state.step
    }
    try EvaluationFiles.cut(after: lastStep, in: arguments.outputDir + "/eval")
    let isResumed = !entries.isEmpty || state.step > 0
    let timings = try TimingLog(
      path: arguments.outputDir + "/timings.jsonl", keepingUntil: isResumed ? state.step : nil)
    let board =
      arguments.reportTo.contains(.tensorboard)
      ? try TensorBoardLog(recipe, log: entries, from: isResumed ? lastStep + 1 : nil) : nil
    return try TrainingLog(
      path: arguments.outputDir + "/log.jsonl", entries: entries, timings: timings, board: board)
  }
}
