internal import Checkpoints
internal import JSONValues
internal import Encoders
internal import Reports
internal import Retrieval
internal import Sampling
internal import Tensors

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
    // First of all, so that whatever else is there has a name.
    try AtomicFile.write(
      recipe.resolved().text(indent: 2) + "\n", to: arguments.outputDir + "/recipe.json")
    let log = try beginLog()
    observer(.started(summary))
    for remark in recipe.loss.values.compactMap(\.remark) { observer(.notice(remark)) }
    for note in (sources + evaluationLosses.map(\.source)).flatMap(\.notes).uniqued() {
      observer(.notice(note))
    }
    if case .after(let checkpoint) = resumption {
      observer(.resumed(checkpoint: checkpoint.path, step: state.step, log: log.entries))
    }
    try log.timings.time("preparation", step: state.step) { try prepare(observer: observer) }
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
    } catch is Stop {
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
  private func note(_ report: StepReport, _ planned: PlannedStep) {
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

  private func append(
    _ entry: LogEntry, _ log: TrainingLog, _ observer: (TrainingEvent) -> Void
  ) throws {
    try directory.check()
    try log.append(entry)
    observer(.logged(entry))
  }

  /// Takes the evaluation losses, runs all evaluators, and writes what they found to the log and to
  /// CSV files.
  ///
  /// - Returns: The metrics.
  private func evaluate(
    _ log: TrainingLog, _ goOn: () throws -> Void, _ observer: (TrainingEvent) -> Void
  ) throws -> JSONObject {
    var values: [(key: String, value: JSONValue)] = []
    var primary: JSONValue = nil
    var rows: [any EvaluationReport] = []
    let start = ContinuousClock.now
    for (loss, texts) in zip(evaluationLosses, evaluationTexts) {
      let value = try loss.value(texts) {
        observer(.evaluating(name: loss.metricName, done: $0, of: $1))
        try goOn()
      }
      values.append(("eval_" + loss.metricName, .number(value)))
    }
    for evaluator in evaluators {
      let report = try evaluator.measure(encoder) {
        observer(.evaluating(name: evaluator.name, done: $0, of: $1))
        try goOn()
      }
      for (key, value) in report.values {
        values.append(("eval_" + key, .number(value)))
        if key == report.primaryMetric { primary = .number(value) }
      }
      if evaluator.writesCSV { rows.append(report) }
    }
    if evaluators.count > 1 { values.append(("eval_sequential_score", primary)) }
    try directory.check()
    for report in rows {
      try report.appendCSV(
        to: arguments.outputDir + "/eval", epoch: state.epoch, steps: state.step)
    }
    let entry = LogEntry(step: state.step, epoch: state.epoch, values)
    try append(entry, log, observer)
    try log.timings.append(
      step: state.step, "evaluation", seconds: (ContinuousClock.now - start).seconds)
    return entry.values
  }

  /// Saves a checkpoint that the recipe asks for.
  private func saveAsPlanned(
    _ log: TrainingLog, _ observer: (TrainingEvent) -> Void
  ) throws {
    // Before the best checkpoint changes: what it was is kept until the next one is there.
    try collectSave(waits: true, observer)
    state.best.noteCheckpoint(of: state.step)
    try save(log, observer)
  }

  private func save(_ log: TrainingLog, _ observer: (TrainingEvent) -> Void) throws {
    try collectSave(waits: true, observer)
    let snapshot = writer.snapshot(
      state, plan: plan, log: log.entries, optimizer: optimizer, card: card(log, step: state.step))
    savedStep = state.step
    backgroundSave.start(snapshot)
  }

  /// Waits until weights and moments may be changed: a checkpoint has then written all of them but a
  /// tenth, or but half a GiB if there is room, which the change copies.
  ///
  /// Most steps take longer than a checkpoint, and then nothing is waited for nor copied.
  func waitForSave() {
    let tenth = 3 * 4 * summary.parameterCount / 10
    let room = min(512 << 20, summary.memoryLimit - TensorMemory.usedBytes)
    backgroundSave.wait(untilLeft: max(tenth, room))
  }

  /// Takes note of a checkpoint that was written in the meantime.
  private func collectSave(waits: Bool, _ observer: (TrainingEvent) -> Void) throws {
    guard let path = try backgroundSave.collect(waits: waits) else { return }
    observer(.saved(path: path))
    try removeCheckpoints(isEnd: false)
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

  private var writer: CheckpointWriter {
    CheckpointWriter(
      recipe: recipe, encoder: encoder, directory: directory, identity: identity)
  }

  /// The card of the model that the encoder now is.
  private func card(_ log: TrainingLog, step: Int) -> String {
    let record = RunRecord(
      path: arguments.outputDir, recipe: recipe.resolved(), facts: facts,
      log: log.entries.map(\.values), timings: log.timings.entries)
    return ModelCard(run: record, step: step, similarities: similarities()).text
  }

  /// How similar the texts of the card's example are; nil if there is none, or by a similarity that
  /// is not known here.
  private func similarities() -> [Double]? {
    guard let example = ModelCard.example(facts),
      ["cosine", "dot"].contains(encoder.layout.similarity)
    else { return nil }
    var vectors = [
      encoder.encode([example.query], prompt: example.queryPrompt),
      encoder.encode(example.documents, prompt: example.documentPrompt),
    ]
    if encoder.layout.similarity == "cosine" { vectors = vectors.map { $0.normalizedRows().rows } }
    return vectors[0].timesTransposed(vectors[1]).elements.map(Double.init)
  }
}
