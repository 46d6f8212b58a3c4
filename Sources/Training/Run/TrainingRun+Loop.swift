internal import Checkpoints
internal import Datasets
internal import JSONValues
internal import Encoders
internal import Optimizers
internal import Retrieval
internal import Sampling
internal import Tensors

extension TrainingRun {
  /// Trains, and writes the run's directory.
  ///
  /// - Parameter observer: Is told what happens.
  /// - Throws: ``RunError`` if a loss or gradient is not finite or a file cannot be written;
  ///   `CheckpointError` likewise. What was written whole before stays.
  public func run(observer: @escaping (TrainingEvent) -> Void = { _ in }) throws {
    try createOutputDirectory()
    let log = try TrainingLog(path: arguments.outputDir + "/log.jsonl")
    try AtomicFile.write(
      recipe.resolved().text(indent: 2) + "\n", to: arguments.outputDir + "/recipe.json")
    observer(.started(summary))
    for remark in recipe.loss.values.compactMap(\.remark) { observer(.notice(remark)) }
    try prepare(observer: observer)
    let start = ContinuousClock.now
    if arguments.evalOnStart { try evaluate(step: 0, epoch: 0, log, observer) }
    var (step, epoch, rows, saved) = (0, 0.0, 0, -1)
    try plan.forEachStep(of: sampler) { planned in
      let report = try take(planned, observer)
      log.add(loss: report.loss)
      observer(.step(report))
      (step, epoch) = (report.step, report.epoch)
      rows += planned.batches.reduce(0) { $0 + $1.rows.count }
      let due = Triggers(arguments, plan, after: planned)
      if due.logs {
        let entry = LogEntry(step: step, epoch: epoch, report.logged(loss: log.takeMeanLoss()))
        try log.append(entry)
        observer(.logged(entry))
      }
      if due.evaluates { try evaluate(step: step, epoch: epoch, log, observer) }
      if due.saves {
        try save(step: step, epoch: epoch, log, observer)
        saved = step
      }
      return true
    }
    if arguments.saveStrategy == .steps, saved != step {
      try save(step: step, epoch: epoch, log, observer)
    }
    let entry = runEntry(
      step: step, epoch: epoch, rows: rows, since: start, meanLoss: log.meanLoss)
    try log.append(entry)
    observer(.logged(entry))
    observer(.saved(path: try writer.writeFinal(card: card.text(step: step, log: log.entries))))
  }

  /// One step: the gradients of its batches, clipping, AdamW.
  private func take(
    _ planned: PlannedStep, _ observer: (TrainingEvent) -> Void
  ) throws -> StepReport {
    let start = ContinuousClock.now
    let gradients = Gradients()
    let dropout = DropoutKey(seed: UInt64(arguments.seed), step: UInt64(planned.index))
    let batches = planned.batches
    let scale = scaler?.scale ?? 1
    var (loss, tokens, replayed, firstRowKey) = (0.0, 0, 0, 0)
    var times = PhaseTimes()
    for batch in batches {
      let outcome = addGradients(
        of: batch, dropout: dropout, firstRowKey: firstRowKey, weight: scale / Float(batches.count),
        to: gradients
      ) { observer(.phase(step: planned.index + 1, name: $0.rawValue, share: $1)) }
      guard outcome.loss.isFinite else {
        throw notFinite("the loss is \(outcome.loss)", planned, [batch])
      }
      loss += outcome.loss / Double(batches.count)
      tokens += outcome.tokens
      replayed += outcome.replayed
      times += outcome.times
      firstRowKey += batch.rows.count * sources[batch.dataset].dataset.columns.count
    }
    var clock = PhaseClock()
    let norm = gradients.norm(of: encoder.model.parameters) / Double(scale)
    guard norm.isFinite || scaler != nil else {
      throw notFinite("the gradient's norm is \(norm)", planned, batches)
    }
    let learningRate = schedule.learningRate(at: planned.index - skippedSteps)
    if norm.isFinite {
      let factor = GradientClipping.factor(norm: norm, maximum: arguments.maxGradNorm)
      optimizer.step(
        gradients, learningRate: learningRate, gradientFactor: factor / Double(scale))
    } else {
      skippedSteps += 1
    }
    scaler?.update(overflowed: !norm.isFinite)
    clock.end(.optimizer)
    times += clock.times
    return StepReport(
      step: planned.index + 1, totalSteps: plan.totalSteps, epoch: planned.epoch, loss: loss,
      gradientNorm: norm, learningRate: learningRate,
      lossScale: scaler == nil ? nil : Double(scale), isSkipped: !norm.isFinite, tokens: tokens,
      seconds: (ContinuousClock.now - start).seconds, replayed: replayed, times: times)
  }

  private func notFinite(
    _ what: String, _ planned: PlannedStep, _ batches: [DatasetBatch]
  ) -> RunError {
    let rows = batches.flatMap(\.rows)
    let list = rows.prefix(8).map(String.init).joined(separator: ", ")
    let names = Set(batches.compactMap { sources[$0.dataset].name }).sorted()
    return RunError(
      .notFinite,
      "\(what) at step \(planned.index + 1), rows \(list)\(rows.count > 8 ? ", …" : "") of "
        + (names.isEmpty ? "the data" : names.joined(separator: ", "))
        + " (from 0); lower learning_rate or look at these rows",
      place: arguments.outputDir)
  }

  /// Runs all evaluators and writes what they found to the log and to their CSV files.
  private func evaluate(
    step: Int, epoch: Double, _ log: TrainingLog, _ observer: (TrainingEvent) -> Void
  ) throws {
    var values: [(key: String, value: JSONValue)] = []
    var primary: JSONValue = nil
    for evaluator in evaluators {
      let report = try evaluator.evaluate(encoder) {
        observer(.evaluating(name: evaluator.settings.name, done: $0, of: $1))
      }
      for (key, value) in report.values {
        values.append(("eval_" + key, .number(value)))
        if key == report.primaryMetric { primary = .number(value) }
      }
      if evaluator.settings.writesCSV {
        try report.appendCSV(to: arguments.outputDir + "/eval", epoch: epoch, steps: step)
      }
    }
    if evaluators.count > 1 { values.append(("eval_sequential_score", primary)) }
    let entry = LogEntry(step: step, epoch: epoch, values)
    try log.append(entry)
    observer(.logged(entry))
  }

  private func save(
    step: Int, epoch: Double, _ log: TrainingLog, _ observer: (TrainingEvent) -> Void
  ) throws {
    let state = CheckpointWriter.State(
      step: step, epoch: epoch, plan: plan, log: log.entries, scaler: scaler,
      skippedSteps: skippedSteps)
    let card = card.text(step: step, log: log.entries)
    observer(.saved(path: try writer.writeCheckpoint(state, optimizer: optimizer, card: card)))
  }

  private func runEntry(
    step: Int, epoch: Double, rows: Int, since start: ContinuousClock.Instant, meanLoss: Double
  ) -> LogEntry {
    let seconds = (ContinuousClock.now - start).seconds
    return LogEntry(
      step: step, epoch: epoch,
      [
        ("train_runtime", .number(seconds)),
        ("train_samples_per_second", .number(Double(rows) / seconds)),
        ("train_steps_per_second", .number(Double(step) / seconds)),
        ("train_loss", .number(meanLoss)),
      ])
  }

  private var writer: CheckpointWriter {
    CheckpointWriter(
      recipe: recipe, encoder: encoder, outputDirectory: arguments.outputDir, identity: identity)
  }

  private var card: ModelCard {
    ModelCard(
      recipe: recipe, encoder: encoder, datasets: summary.datasets, plan: plan)
  }
}

extension StepReport {
  /// What the log says of it.
  fileprivate func logged(loss: Double) -> [(key: String, value: JSONValue)] {
    // JSON has no infinity: the norm of a step that was skipped is null.
    var values: [(key: String, value: JSONValue)] = [
      ("loss", .number(loss)), ("grad_norm", isSkipped ? .null : .number(gradientNorm)),
      ("learning_rate", .number(learningRate)),
    ]
    if let lossScale { values.append(("loss_scale", .number(lossScale))) }
    return values
  }
}

/// What is due after a step.
private struct Triggers {
  let logs: Bool
  let evaluates: Bool
  let saves: Bool

  init(_ arguments: TrainingArguments, _ plan: RunPlan, after step: PlannedStep) {
    let number = step.index + 1
    let every = { (count: StepCount?) -> Bool in
      guard let interval = count?.count(of: plan.totalSteps), interval > 0 else { return false }
      return number % interval == 0
    }
    let isDue = {
      (strategy: TrainingArguments.IntervalStrategy, count: StepCount?, isLast: Bool) -> Bool in
      switch strategy {
      case .no: return false
      case .steps: return every(count) || isLast
      case .epoch: return step.endsEpoch
      }
    }
    logs =
      isDue(arguments.loggingStrategy, arguments.loggingSteps, false)
      || (arguments.loggingFirstStep && number == 1)
    let progress = arguments.evalStrategy == .epoch ? step.epoch : Double(number)
    evaluates =
      isDue(arguments.evalStrategy, arguments.evalSteps, step.isLast)
      && progress >= arguments.evalDelay
    switch arguments.saveStrategy {
    case .no, .best: saves = false
    case .steps: saves = every(arguments.saveSteps) || step.isLast
    case .epoch: saves = step.endsEpoch
    }
  }
}
