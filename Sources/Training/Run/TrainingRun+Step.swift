internal import Datasets
internal import Encoders
internal import JSONValues
internal import Optimizers
internal import Ranks
internal import Sampling
internal import Tensors

extension TrainingRun {
  /// One step: the gradients of its batches, clipping, AdamW.
  func take(
    _ planned: PlannedStep, _ goOn: () throws -> Void, _ observer: (TrainingEvent) -> Void
  ) throws -> StepReport {
    let start = ContinuousClock.now
    if let ranks, ranks.rank == 0 { try RankOrder.step.tell(ranks) }
    let gradients = Gradients()
    let sum = ranks.map { GradientSum($0, gradients, of: encoder.model.parameters) }
    let dropout = DropoutKey(seed: UInt64(arguments.seed), step: UInt64(planned.index))
    let batches = planned.batches
    let scale = state.scaler?.scale ?? 1
    var (loss, tokens, firstRowKey) = (0.0, 0, 0)
    var (miniBatches, replayed) = (0, 0)
    var times = PhaseTimes()
    func tell(
      _ phase: StepEngine.Phase, _ share: Double, _ tokens: Int, lossShare: Double? = nil
    ) {
      observer(
        .phase(
          StepProgress(
            step: planned.index + 1, phase: phase.rawValue, share: share, lossShare: lossShare,
            tokens: tokens,
            seconds: (ContinuousClock.now - start).seconds)))
    }
    for (index, batch) in batches.enumerated() {
      let outcome = try addGradients(
        of: batch, number: planned.index * plan.accumulation + index, dropout: dropout,
        firstRowKey: firstRowKey, weight: scale / Float(batches.count), to: gradients,
        summedBy: index == batches.count - 1 ? sum : nil
      ) { work in
        tell(
          work.phase, (Double(index) + work.share) / Double(batches.count),
          tokens + Int(work.share * Double(work.tokens)), lossShare: work.lossShare)
        try goOn()
      }
      guard outcome.loss.isFinite else {
        throw notFinite(
          "the loss is \(outcome.loss.isNaN ? "not a number" : "infinite")", planned, [batch])
      }
      loss += outcome.loss / Double(batches.count)
      tokens += outcome.tokens
      miniBatches += outcome.miniBatches
      replayed += outcome.replayed
      times += outcome.times
      firstRowKey += batch.rows.count * sources[batch.dataset].dataset.columns.count
    }
    var clock = PhaseClock()
    if let sum {
      tell(.exchange, 1, tokens)
      try sum.finish()
      clock.end(.exchange)
    }
    tell(.optimizer, 1, tokens)
    let norm = gradients.norm(of: encoder.model.parameters) / Double(scale)
    guard norm.isFinite || state.scaler != nil else {
      let parameter = encoder.model.parameters.first { !gradients.norm(of: [$0]).isFinite }
      throw notFinite(
        parameter.map { "the gradient of \($0.name) is not finite" }
          ?? "the norm of the gradient is \(norm)", planned, batches)
    }
    let learningRate = schedule.learningRate(at: planned.index - state.skippedSteps)
    if norm.isFinite {
      let factor = GradientClipping.factor(norm: norm, maximum: arguments.maxGradNorm)
      waitForSave()
      optimizer.step(
        gradients, learningRate: learningRate, gradientFactor: factor / Double(scale))
    } else {
      state.skippedSteps += 1
    }
    state.scaler?.update(overflowed: !norm.isFinite)
    clock.end(.optimizer)
    times += clock.times
    return StepReport(
      step: planned.index + 1, totalSteps: plan.totalSteps, epoch: planned.epoch, loss: loss,
      gradientNorm: norm, learningRate: learningRate,
      lossScale: state.scaler == nil ? nil : Double(scale), isSkipped: !norm.isFinite,
      tokens: tokens,
      seconds: (ContinuousClock.now - start).seconds, miniBatches: miniBatches,
      replayed: replayed, times: times)
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
}

extension StepReport {
  /// What the log says of it.
  func logged(loss: Double) -> [(key: String, value: JSONValue)] {
    // JSON has no infinity: the norm of a step that was skipped is null.
    var values: [(key: String, value: JSONValue)] = [
      ("loss", .number(loss)), ("grad_norm", isSkipped ? .null : .number(gradientNorm)),
      ("learning_rate", .number(learningRate)),
    ]
    if let lossScale { values.append(("loss_scale", .number(lossScale))) }
    return values
  }
}
