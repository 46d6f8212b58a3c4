internal import Checkpoints
public import JSONValues

/// One object of the log: of a step, of an evaluation, or of the whole run.
public struct LogEntry: Hashable, Sendable {
  /// What was measured, by the names that transformers gives them, `epoch` and `step` included.
  public let values: JSONObject

  init(step: Int, epoch: Double, _ values: [(key: String, value: JSONValue)]) {
    var object = JSONObject([("step", .integer(step)), ("epoch", .number(epoch))])
    for (key, value) in values { object[key] = value }
    self.values = object
  }

  /// An entry of an earlier log.
  init(_ values: JSONObject) { self.values = values }
}

/// `log.jsonl` and what it holds: every logged step and evaluation in full precision; and what goes
/// beside it.
final class TrainingLog {
  private(set) var entries: [LogEntry]
  /// How long it all took.
  let timings: TimingLog
  private let file: AppendedFile
  private let board: TensorBoardLog?

  /// Begins the log of a run, in place of what stands there.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - entries: What it begins with.
  ///   - timings: The times.
  ///   - board: Where TensorBoard finds it; nil if it is not to.
  /// - Throws: `CheckpointError` or ``RunError`` if the file cannot be written.
  init(
    path: String, entries: [LogEntry], timings: TimingLog, board: TensorBoardLog?
  ) throws {
    (self.entries, self.timings, self.board) = (entries, timings, board)
    try AtomicFile.write(entries.map(\.line).joined(), to: path)
    file = try AppendedFile(path: path)
  }

  /// Writes an entry to the disk and keeps it.
  func append(_ entry: LogEntry) throws {
    entries.append(entry)
    try file.append(entry.line)
    try board?.append(entry)
  }
}

extension LogEntry {
  fileprivate var line: String { JSONValue.object(values).text() + "\n" }
}
