internal import Checkpoints
internal import FoundationEssentials
internal import JSONValues
internal import Tensors

/// `timings.jsonl`: how long steps, their phases and evaluations took, and what memory they held.
///
/// It stands beside `log.jsonl`, which is the same in every run of a recipe, since times never are.
/// A line is of the steps since the one before it.
final class TimingLog {
  /// What stands in the file.
  private(set) var entries: [JSONObject]
  private let file: AppendedFile
  private var steps = 0
  private var seconds = 0.0
  private var tokens = 0
  private var replayed = 0
  private var times = PhaseTimes()

  /// Begins the file, or goes on with what it has of the steps that are kept.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - step: The last step whose lines stay; nil for none.
  /// - Throws: `CheckpointError` or ``RunError`` if the file cannot be written.
  init(path: String, keepingUntil step: Int?) throws {
    let text = step.flatMap { _ in FileManager.default.contents(atPath: path) }
    // The last piece is empty, or half of a line.
    let lines =
      text.map { String(decoding: $0, as: UTF8.self) }?
      .split(separator: "\n", omittingEmptySubsequences: false).dropLast() ?? []
    entries = lines.compactMap { line in
      guard let entry = try? JSONValue(parsing: String(line)).object,
        let last = entry["step"]?.integer, last <= step ?? -1
      else { return nil }
      return entry
    }
    try AtomicFile.write(entries.map(\.line).joined(), to: path)
    file = try AppendedFile(path: path)
  }

  /// Takes note of a step.
  func note(_ report: StepReport) {
    steps += 1
    seconds += report.seconds
    tokens += report.tokens
    replayed += report.replayed
    times += report.times
  }

  /// Writes a line of the steps that were taken note of since the last one, up to `step`.
  func flush(step: Int) throws {
    guard steps > 0 else { return }
    var entry: JSONObject = [
      "step": .integer(step), "steps": .integer(steps), "seconds": .number(seconds),
      "tokens": .integer(tokens),
      "tokens_per_second": .number(seconds > 0 ? Double(tokens) / seconds : 0),
      "encode": .number(times.encode), "loss": .number(times.loss),
      "backward": .number(times.backward), "optimizer": .number(times.optimizer),
    ]
    if times.exchange > 0 { entry["exchange"] = .number(times.exchange) }
    if replayed > 0 { entry["replayed"] = .integer(replayed) }
    entry["resident_bytes"] = ProcessMemory.residentBytes.map { .integer($0) }
    entry["peak_bytes"] = ProcessMemory.peakBytes.map { .integer($0) }
    try append(entry)
    (steps, seconds, tokens, replayed, times) = (0, 0, 0, 0, PhaseTimes())
  }

  /// Does something and writes a line of how long it took.
  func time(_ what: String, step: Int, _ body: () throws -> Void) throws {
    let start = ContinuousClock.now
    try body()
    try append(step: step, what, seconds: (ContinuousClock.now - start).seconds)
  }

  /// Writes a line of something else that took time.
  func append(step: Int, _ what: String, seconds: Double) throws {
    try append(["step": .integer(step), what: .number(seconds)])
  }

  private func append(_ entry: JSONObject) throws {
    entries.append(entry)
    try file.append(entry.line)
  }
}

extension JSONObject {
  fileprivate var line: String { JSONValue.object(self).text() + "\n" }
}
