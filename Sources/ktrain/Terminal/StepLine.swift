import Training

/// The live line of a run that takes steps: where it is, how fast, how long it will still take.
struct StepLine: Sendable {
  /// How many steps the run has.
  let totalSteps: Int
  /// After how many steps it was continued.
  let firstStep: Int
  /// When its first step began.
  private let start = ContinuousClock.now
  /// The last whole step.
  private var report: StepReport?
  /// The step that is being taken, when that was said, and when its phase began.
  private var current: (progress: StepProgress, said: ContinuousClock.Instant)?
  private var phase: (name: String, began: ContinuousClock.Instant)?
  private var memory: Int?

  init(totalSteps: Int, firstStep: Int) {
    (self.totalSteps, self.firstStep) = (totalSteps, firstStep)
  }

  /// A step is under way.
  mutating func update(_ progress: StepProgress) {
    let now = ContinuousClock.now
    if phase?.name != progress.phase { phase = (progress.phase, now) }
    current = (progress, now)
    memory = ProcessMemory.residentBytes
  }

  /// A step is done.
  mutating func update(_ report: StepReport) {
    self.report = report
    (current, phase) = (nil, nil)
    memory = ProcessMemory.residentBytes
  }

  /// What the line says.
  func parts(_ now: ContinuousClock.Instant) -> [LinePart] {
    let step = current?.progress.step ?? report?.step ?? firstStep
    var parts = [LinePart("step \(step)/\(totalSteps)")]
    if let report { parts.append(LinePart("epoch " + Format.fixed(report.epoch, 2), rank: 6)) }
    if let current, let phase {
      let inPhase = (now - phase.began).seconds
      let share = current.progress.lossShare.map { " (\(Format.percent($0)))" }
      let long = inPhase > 5 && phase.name == "loss" ? " for " + Format.duration(inPhase) : ""
      parts.append(
        LinePart(Format.percent(current.progress.share) + " " + phase.name + (share ?? long)))
    }
    if let report {
      parts.append(LinePart("loss " + Format.short(report.loss), rank: 3))
      parts.append(LinePart("lr " + Format.short(report.learningRate), rank: 5))
    }
    if let rate { parts.append(LinePart(Format.grouped(rate) + " tokens/s", rank: 2)) }
    if let memory { parts.append(LinePart(Format.bytes(memory), rank: 4)) }
    if let left = left(now) { parts.append(LinePart("left " + Format.duration(left), rank: 1)) }
    if let left = leftOfStep(now) {
      parts.append(LinePart("of the step " + Format.duration(left), rank: 7))
    }
    return parts
  }

  /// Tokens a second: of the last step, or of this one once it has taken long enough to say.
  private var rate: Int? {
    if let progress = current?.progress, progress.seconds > 2 || report == nil {
      guard progress.tokens > 0, progress.seconds > 0 else { return nil }
      return Int(Double(progress.tokens) / progress.seconds)
    }
    return report.map { Int(Double($0.tokens) / $0.seconds) }
  }

  /// The time that all steps will still take, if they go on as they have, with what was done between
  /// them.
  private func left(_ now: ContinuousClock.Instant) -> Double? {
    let whole = (report?.step ?? firstStep) - firstStep
    let done = Double(whole) + (current?.progress.share ?? 0)
    let said = current?.said ?? now
    guard done > 0 else { return nil }
    let perStep = (said - start).seconds / done
    let left = perStep * (Double(totalSteps - firstStep) - done) - (now - said).seconds
    return max(0, left)
  }

  /// The time that this step will still take, if that is long.
  private func leftOfStep(_ now: ContinuousClock.Instant) -> Double? {
    guard let (progress, said) = current, progress.share > 0 else { return nil }
    let whole = progress.seconds / progress.share
    guard whole > 20 else { return nil }
    return max(0, whole - progress.seconds - (now - said).seconds)
  }
}
