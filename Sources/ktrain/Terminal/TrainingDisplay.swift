import JSONValues
import Tensors
import Training

/// What a run looks like on the terminal: one live line, and lines that stay for what was logged.
final class TrainingDisplay {
  private let line = LiveLine()
  private var report: StepReport?
  private var summary: RunSummary?
  private var trainingSeconds = 0.0
  private var tokens = 0
  private var evaluations: [LogEntry] = []
  /// After how many steps of the run it was continued.
  private var firstStep = 0
  private var prepared = ContinuousClock.now

  /// Shows an event.
  func receive(_ event: TrainingEvent) {
    switch event {
    case .preparing(let name, let done, let total):
      line.show("\(name): \(Format.grouped(done)) of \(Format.grouped(total))")
    case .prepared(let name, let computed, let stored):
      line.print(
        "ready    \(name): \(Format.grouped(computed)) computed, \(Format.grouped(stored)) from "
          + "the store\(timeOfPreparation)")
    case .notice(let text): line.print("note     \(text)")
    case .started(let summary):
      self.summary = summary
      start(summary)
    case .resumed(let checkpoint, let step, let log):
      line.print("resumed  \(checkpoint), after step \(Format.grouped(step))")
      firstStep = step
      evaluations = log.filter { $0.values.keys.contains { $0.hasPrefix("eval_") } }
    case .phase(let step, let name, let share):
      line.show("\(progress(step: step - 1)) \(name) \(Format.fixed(share * 100, 0)) %\(rate)")
    case .step(let report):
      self.report = report
      trainingSeconds += report.seconds
      tokens += report.tokens
      line.show(progress(step: report.step) + rate)
    case .logged(let entry): log(entry)
    case .evaluating(let name, let done, let total):
      line.show(
        "evaluating \(name) \(Format.grouped(done)) of \(Format.grouped(total)) texts")
    case .saved(let path): line.print("saved \(path)")
    }
  }

  /// Takes the live line away.
  func clear() { line.clear() }

  private func start(_ summary: RunSummary) {
    let plan = summary.plan
    line.print(
      """
      model    \(summary.model): \(Format.grouped(summary.parameterCount)) weights, texts of up to \
      \(summary.maxSequenceLength) tokens
      \(summary.datasets.map(data).joined(separator: "\n"))
      plan     \(Format.grouped(plan.totalSteps)) steps in \(plan.epochs) epochs, \
      \(plan.warmupSteps) of them warm-up
      machine  \(summary.threads) threads, \(summary.precision.rawValue), \(summary.kernels), \
      \(Format.bytes(summary.memoryLimit)) for tensors
      output   \(summary.outputDirectory)
      """)
    if let hindrance = summary.hindrance { line.print("slow     \(hindrance)") }
    if !summary.argumentsWithoutEffect.isEmpty {
      line.print(
        "no effect here: \(summary.argumentsWithoutEffect.joined(separator: ", "))")
    }
  }

  private func scale(_ values: JSONObject) -> String {
    guard let scale = values["loss_scale"]?.double else { return "" }
    let skipped = values["grad_norm"]?.isNull == true ? ", step skipped" : ""
    return "  loss_scale \(Format.short(scale))\(skipped)"
  }

  private func data(_ dataset: RunSummary.Dataset) -> String {
    "data     \(dataset.name.map { $0 + ": " } ?? "")\(Format.grouped(dataset.rowCount)) rows of "
      + "\(dataset.columns.joined(separator: ", ")); \(dataset.loss), "
      + "\(Format.grouped(dataset.negativesPerAnchor)) negatives for each anchor"
  }

  /// How long it took since the last of what comes before the first step.
  private var timeOfPreparation: String {
    defer { prepared = .now }
    let duration = ContinuousClock.now - prepared
    return duration < .milliseconds(500)
      ? "" : ", in \(Format.duration(Double(duration.components.seconds)))"
  }

  private func log(_ entry: LogEntry) {
    let values = entry.values
    let step = values["step"]?.integer ?? 0
    let epoch = Format.fixed(values["epoch"]?.double ?? 0, 2)
    if let loss = values["loss"]?.double {
      line.print(
        "step \(step)/\(summary?.plan.totalSteps ?? step)  epoch \(epoch)  loss "
          + "\(Format.short(loss))  grad_norm \(Format.short(values["grad_norm"]?.double ?? 0))  "
          + "lr \(Format.short(values["learning_rate"]?.double ?? 0))\(scale(values))\(rate)")
    } else if let runtime = values["train_runtime"]?.double {
      line.print(
        "done: \(step) steps in \(Format.duration(runtime)), mean loss "
          + "\(Format.short(values["train_loss"]?.double ?? 0)), \(Format.grouped(tokens)) tokens, "
          + "\(Format.grouped(Int(Double(tokens) / max(trainingSeconds, 1e-9)))) tokens/s, peak "
          + (ProcessMemory.peakBytes.map(Format.bytes) ?? "memory unknown"))
    } else {
      evaluations.append(entry)
      let shown = ["_ndcg@", "_mrr@", "spearman_"]
      let metrics = values.members.filter { name, _ in
        shown.contains { name.contains($0) } || name.hasSuffix("_loss")
          || name.hasSuffix("_accuracy")
      }
      .map { "\($0.0.replacing("eval_", with: "")) \(Format.fixed($0.1.double ?? 0, 4))" }
      line.print("step \(step)  epoch \(epoch)  \(metrics.joined(separator: "  "))")
    }
  }

  private func progress(step: Int) -> String {
    let total = report?.totalSteps ?? summary?.plan.totalSteps ?? 0
    let loss = report.map { "  loss \(Format.short($0.loss))  lr \(Format.short($0.learningRate))" }
    let left =
      step > firstStep
      ? "  left "
        + Format.duration(trainingSeconds / Double(step - firstStep) * Double(total - step)) : ""
    return "step \(step)/\(total)  epoch \(Format.fixed(report?.epoch ?? 0, 2))\(loss ?? "")\(left)"
  }

  private var rate: String {
    guard let report else { return "" }
    let memory = ProcessMemory.residentBytes.map { "  \(Format.bytes($0))" } ?? ""
    let replayed = report.replayed > 0 ? "  \(report.replayed) mini-batches encoded twice" : ""
    return
      "  \(Format.grouped(Int(Double(report.tokens) / report.seconds))) tokens/s\(memory)\(replayed)"
  }

  /// The metrics of the first and of the last evaluation side by side; nil if there was none.
  var comparison: String? {
    guard let first = evaluations.first, let last = evaluations.last else { return nil }
    let names = last.values.keys.filter { $0.hasPrefix("eval_") }
    let step = { (entry: LogEntry) in "step \(entry.values["step"]?.integer ?? 0)" }
    let isOne = evaluations.count == 1
    let rows = names.map { name -> [String] in
      let (before, after) = (first.values[name]?.double ?? 0, last.values[name]?.double ?? 0)
      let cells = [String(name.dropFirst("eval_".count)), Format.fixed(before, 4)]
      if isOne { return cells }
      return cells + [
        Format.fixed(after, 4), (after < before ? "" : "+") + Format.fixed(after - before, 4),
      ]
    }
    return Format.table(
      [isOne ? ["", step(last)] : ["", step(first), step(last), "change"]] + rows)
  }
}
