internal import Checkpoints
internal import JSONValues
internal import Ranks
internal import Reports
internal import Sampling

extension TrainingRun {
  /// How a run ended that met no error.
  public enum Ending: Hashable, Sendable {
    /// After its last step, now or before.
    case finished
    /// Because it was asked to, after so many steps; the checkpoint is nil if there was no step.
    case stopped(step: Int, checkpoint: String?)
  }

  /// What is thrown in the middle of a step that is to be abandoned.
  private struct Stop: Error {}

  /// Trains from where the run stands, and writes the run's directory.
  ///
  /// - Parameters:
  ///   - observer: Is told what happens.
  ///   - shouldStop: Asked after each mini-batch, and while the model is evaluated; if so, the step
  ///     is given up and a checkpoint of the one before it is saved.
  /// - Returns: Whether the run is done.
  /// - Throws: ``RunError`` if a loss or gradient is not finite or a file cannot be written;
  ///   `CheckpointError` likewise. What was written whole before stays.
  @discardableResult
  public func run(
    observer: @escaping (TrainingEvent) -> Void = { _ in },
    shouldStop: @escaping () -> Bool = { false }
  ) throws -> Ending {
    if isFinished { return .finished }
    try directory.create()
    do { return try train(observer, shouldStop) } catch {
      _ = try? backgroundSave.collect(waits: true)  // the first error is the one to report
      try directory.check()  // that it is gone says more than what failed because of it
      throw error
    }
  }

  private func train(
    _ observer: @escaping (TrainingEvent) -> Void, _ shouldStop: @escaping () -> Bool
  ) throws -> Ending {
    if let ranks {
      try RankOrder.begin.tell(ranks)
      try meetAtBeginning(ranks)
    }
    // First of all, so that whatever else is there has a name.
    try AtomicFile.write(
      recipe.resolved().text(indent: 2) + "\n", to: arguments.outputDir + "/recipe.json")
    let log = try beginLog()
    observer(.started(summary))
    summary.notes.forEach { observer(.notice($0)) }
    if case .after(let checkpoint) = resumption {
      observer(.resumed(checkpoint: checkpoint.path, step: state.step, log: log.entries))
    }
    try log.timings.time("preparation", step: state.step) {
      try prepare(observer: observer)
      if let ranks {
        try RankOrder.prepare.tell(ranks)
        try ranks.meet()
      }
    }
    observer(.tokenized(tokenStatistics))
    do { try checkMemory(observer) } catch {
      if case .start = resumption { directory.removeBeginning() }
      throw error
    }
    facts = makeFacts()
    try AtomicFile.write(
      JSONValue.object(facts.value).text(indent: 2) + "\n", to: arguments.outputDir + "/run.json")
    let (start, secondsBefore) = (ContinuousClock.now, state.seconds)
    func takeTime() { state.seconds = secondsBefore + (ContinuousClock.now - start).seconds }
    let goOn = { if shouldStop() { throw Stop() } }
    do {
      try catchUp(log, goOn, observer)
      try plan.forEachStep(of: sampler, from: state.position) { planned in
        let report = try take(planned, goOn, observer)
        note(report, planned)
        log.timings.note(report)
        observer(.step(report))
        takeTime()
        if loggingIsDue(after: planned) {
          try append(report.logged(loss: state.lossSinceLogged.mean), log, observer)
          try log.timings.flush(step: state.step)
          state.lossSinceLogged = LossSum()
        }
        state.pending = PendingWork(arguments, plan, after: planned)
        try collectSave(waits: false, observer)
        try catchUp(log, goOn, observer)
        return true
      }
    } catch let error where error is Stop || error is StepAbandoned {
      takeTime()
      try log.timings.flush(step: state.step)
      if state.step > 0, savedStep != state.step { try save(log, observer) }
      try collectSave(waits: true, observer)
      return .stopped(step: state.step, checkpoint: savedStep.map(directory.checkpoint))
    }
    if arguments.saveStrategy == .steps, savedStep != state.step {
      try saveAsPlanned(log, observer)
    }
    try collectSave(waits: true, observer)
    takeTime()
    try log.timings.flush(step: state.step)
    try append(runEntry, log, observer)
    let step = try loadBest(observer)
    let path = try writer.writeFinal(card: card(log, step: step))
    observer(.saved(path: path))
    try removeCheckpoints(isEnd: true)
    observer(.finished(TrainedModel(path: path, change: weightChange(observer))))
    return .finished
  }

  /// Takes note of a step that was taken.
  func note(_ report: StepReport, _ planned: PlannedStep) {
    state.position = planned.next
    state.epoch = planned.epoch
    state.rows += planned.batches.reduce(0) { $0 + $1.rows.count }
    state.lossSinceLogged.add(report.loss)
    state.loss.add(report.loss)
  }

  /// Does what is due after the last step.
  ///
  /// What it does not come to, since it was told to stop, stays due.
  private func catchUp(
    _ log: TrainingLog, _ goOn: () throws -> Void, _ observer: (TrainingEvent) -> Void
  ) throws {
    if state.pending.evaluates {
      let values = try evaluate(log, goOn, observer)
      state.pending.evaluates = false
      if let key = BestModel.key(arguments), state.step > 0, let metric = values[key]?.double {
        let isBest = state.best.update(metric, step: state.step, arguments)
        if arguments.saveStrategy == .best { state.pending.saves = isBest }
      }
    }
    if state.pending.saves {
      state.pending.saves = false
      try saveAsPlanned(log, observer)
    }
  }

  private func append(
    _ values: [(key: String, value: JSONValue)], _ log: TrainingLog,
    _ observer: (TrainingEvent) -> Void
  ) throws {
    try append(LogEntry(step: state.step, epoch: state.epoch, values), log, observer)
  }

  func append(
    _ entry: LogEntry, _ log: TrainingLog, _ observer: (TrainingEvent) -> Void
  ) throws {
    try directory.check()
    try log.append(entry)
    observer(.logged(entry))
  }

  /// What the log says of the whole run.
  private var runEntry: [(key: String, value: JSONValue)] {
    [
      ("train_runtime", .number(state.seconds)),
      ("train_samples_per_second", .number(Double(state.rows) / state.seconds)),
      ("train_steps_per_second", .number(Double(state.step) / state.seconds)),
      ("train_loss", .number(state.loss.mean)),
    ]
  }
}
