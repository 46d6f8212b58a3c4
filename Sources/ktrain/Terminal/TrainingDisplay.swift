import JSONValues
import Tensors
import Training

/// What a run looks like on the terminal: one live line, and lines that stay for what was logged.
final class TrainingDisplay {
  private let line = LiveLine()
  private var summary: RunSummary?
  private var steps: StepLine?
  private var meter: ProgressMeter?
  private var report: StepReport?
  private var trainingSeconds = 0.0
  private var tokens = 0
  private var evaluations: [LogEntry] = []
  /// After how many steps of the run it was continued.
  private var firstStep = 0
  private var prepared = ContinuousClock.now

  /// Shows an event.
  func receive(_ event: TrainingEvent) {
    switch event {
    case .preparing(let name, let done, let total): measure(name, done, of: total)
    case .prepared(let name, let computed, let stored):
      line.clear()
      say(
        "ready",
        "\(name): \(Format.grouped(computed)) computed, \(Format.grouped(stored)) from the store"
          + timeOfPreparation)
    case .notice(let text): say("note", text)
    case .started(let summary):
      self.summary = summary
      RunLines.start(summary).forEach(keep)
    case .resumed(let checkpoint, let step, let log):
      say("resumed", "\(checkpoint), after step \(Format.grouped(step))")
      firstStep = step
      evaluations = log.filter { $0.values.keys.contains { $0.hasPrefix("eval_") } }
    case .tokenized(let datasets):
      line.clear()
      for texts in datasets {
        keep(RunLines.tokens(texts, maxLength: summary?.maxSequenceLength ?? 0))
      }
    case .phase(let progress): showSteps { $0.update(progress) }
    case .step(let report):
      trainingSeconds += report.seconds
      tokens += report.tokens
      let isFirst = self.report == nil
      self.report = report
      showSteps { $0.update(report) }
      if isFirst { RunLines.memory(report).map(keep) }
    case .logged(let entry): log(entry)
    case .evaluating(let name, let done, let total):
      measure("evaluating" + (name.isEmpty ? "" : " ") + name, done, of: total)
    case .saved(let path): say("saved", path)
    case .finished(let model):
      line.clear()
      RunLines.end(model).forEach(keep)
    }
  }

  /// Takes the live line away.
  func clear() { line.clear() }

  /// The metrics of the first and of the last evaluation side by side; nil if there was none.
  var comparison: String? {
    guard let first = evaluations.first, let last = evaluations.last else { return nil }
    return RunLines.comparison(first.values, last.values)
  }

  private func say(_ label: String, _ text: String) { keep(RunLines.line(label, text)) }

  private func keep(_ text: String) { line.print(text, indent: RunLines.indent) }

  private func measure(_ name: String, _ done: Int, of total: Int) {
    if meter?.goesOn(name, done: done, of: total) != true {
      meter = ProgressMeter(name, done: done, of: total)
    }
    meter?.update(done: done)
    guard let meter else { return }
    line.show { meter.parts($0) }
  }

  private func showSteps(_ update: (inout StepLine) -> Void) {
    var steps =
      steps ?? StepLine(totalSteps: summary?.plan.totalSteps ?? 0, firstStep: firstStep)
    update(&steps)
    self.steps = steps
    meter = nil
    line.show { [steps] in steps.parts($0) }
  }

  /// How long it took since the last of what comes before the first step.
  private var timeOfPreparation: String {
    defer { prepared = .now }
    let duration = ContinuousClock.now - prepared
    return duration < .milliseconds(500) ? "" : ", in \(Format.duration(duration.seconds))"
  }

  private func log(_ entry: LogEntry) {
    let values = entry.values
    if values["loss"] != nil {
      line.print(RunLines.step(values, of: summary?.plan.totalSteps ?? 0, report))
    } else if let runtime = values["train_runtime"]?.double {
      line.clear()
      say(
        "done",
        "\(Format.grouped(values["step"]?.integer ?? 0)) steps in \(Format.duration(runtime)), mean "
          + "loss \(Format.short(values["train_loss"]?.double ?? 0)), \(Format.grouped(tokens)) "
          + "tokens, \(Format.grouped(Int(Double(tokens) / max(trainingSeconds, 1e-9)))) tokens/s, "
          + "peak \(ProcessMemory.peakBytes.map(Format.bytes) ?? "memory unknown")")
    } else {
      line.clear()
      evaluations.append(entry)
      keep(RunLines.evaluation(values))
    }
  }
}
