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
}

/// `log.jsonl` and what it holds: every logged step and evaluation in full precision.
final class TrainingLog {
  private(set) var entries: [LogEntry] = []
  private let file: AppendedFile
  private var sum = 0.0
  private var count = 0
  private var total = 0.0
  private var totalCount = 0

  /// Opens the log of a run.
  ///
  /// - Throws: ``RunError`` if the file cannot be written.
  init(path: String) throws { file = try AppendedFile(path: path) }

  /// Takes note of a step's loss.
  func add(loss: Double) {
    sum += loss
    count += 1
    total += loss
    totalCount += 1
  }

  /// The mean loss of the steps since it was asked for last.
  func takeMeanLoss() -> Double {
    defer { (sum, count) = (0, 0) }
    return sum / Double(max(1, count))
  }

  /// The mean loss of all steps.
  var meanLoss: Double { total / Double(max(1, totalCount)) }

  /// Writes an entry to the disk and keeps it.
  func append(_ entry: LogEntry) throws {
    entries.append(entry)
    try file.append(JSONValue.object(entry.values).text() + "\n")
  }
}
