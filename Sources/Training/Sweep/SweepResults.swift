internal import Checkpoints
internal import FoundationEssentials
public import JSONValues
internal import Reports

/// What the runs of a sweep have reached, kept in `results.json` beside them.
public struct SweepResults: Hashable, Sendable {
  /// One run's result.
  public struct Result: Hashable, Sendable {
    /// The row.
    public let run: String
    /// The seed.
    public let seed: Int
    /// The metrics of the last evaluation, without `eval_`.
    public let metrics: [String: Double]
    /// The seconds that training took, evaluations included.
    public let seconds: Double
    /// The most that was resident, in bytes.
    public let peakBytes: Int
  }

  /// The metrics of the model before training, if a run evaluates at its start; the row
  /// ``untouched``.
  public private(set) var before: [String: Double] = [:]
  /// The results, in the order in which they came.
  public private(set) var results: [Result] = []

  /// The name of the model's row before training.
  public static let untouched = "untouched"

  private let path: String

  /// Reads what is there of earlier times.
  ///
  /// - Parameter directory: The sweep's directory.
  /// - Throws: ``RunError`` if there is a file that is none of a sweep.
  public init(directory: String) throws {
    path = directory + "/results.json"
    guard FileManager.default.fileExists(atPath: path) else { return }
    guard let value = try? JSONValue(parsing: contents(of: path)),
      let results = value["results"]?.array?.map(Result.init), !results.contains(nil)
    else {
      throw RunError(.output, "these are no results of a sweep; move the file away", place: path)
    }
    self.results = results.compactMap(\.self)
    before = Self.numbers(value["before"])
  }

  /// The result of a run, if it has one.
  public func result(of member: Sweep.Member) -> Result? {
    results.first { $0.run == member.run && $0.seed == member.seed }
  }

  /// Takes a finished run's result from its log, and keeps it.
  ///
  /// - Parameters:
  ///   - member: The run.
  ///   - peakBytes: The most that was resident.
  /// - Throws: ``RunError`` if the log has no evaluation, `ReportError`, or the file system's error.
  public mutating func add(_ member: Sweep.Member, peakBytes: Int) throws {
    let run = try RunRecord(reading: member.directory)
    let evaluations = run.log.filter { !Self.metrics(of: $0).isEmpty }
    guard let last = evaluations.last, let seconds = run.ending?["train_runtime"]?.double else {
      throw RunError(
        .data,
        "no evaluation; a sweep's recipe needs evaluators and an eval_strategy other than no",
        place: member.directory)
    }
    if let first = evaluations.first, first["step"] == 0 { before = Self.metrics(of: first) }
    results.removeAll { $0.run == member.run && $0.seed == member.seed }
    results.append(
      Result(
        run: member.run, seed: member.seed, metrics: Self.metrics(of: last),
        seconds: seconds, peakBytes: peakBytes))
    try AtomicFile.write(json.text() + "\n", to: path)
  }

  private static func metrics(of entry: JSONObject) -> [String: Double] {
    var metrics: [String: Double] = [:]
    for (key, value) in entry.members where key.hasPrefix("eval_") {
      metrics[String(key.dropFirst(5))] = value.double
    }
    return metrics
  }

  private static func numbers(_ value: JSONValue?) -> [String: Double] {
    (value?.object).map { object in
      Dictionary(
        uniqueKeysWithValues: object.members.compactMap { key, value in
          value.double.map { (key, $0) }
        })
    } ?? [:]
  }
}

extension SweepResults {
  private static func object(_ numbers: [String: Double]) -> JSONValue {
    .object(JSONObject(numbers.sorted { $0.key < $1.key }.map { (key: $0, value: .number($1)) }))
  }

  /// The results as they stand in the file.
  public var json: JSONValue {
    [
      "before": Self.object(before),
      "results": .array(
        results.map {
          [
            "run": .string($0.run), "seed": .integer($0.seed), "seconds": .number($0.seconds),
            "peak_bytes": .integer($0.peakBytes), "metrics": Self.object($0.metrics),
          ]
        }),
    ]
  }
}

extension SweepResults.Result {
  fileprivate init?(_ value: JSONValue) {
    guard let run = value["run"]?.string, let seed = value["seed"]?.integer,
      let seconds = value["seconds"]?.double, let peak = value["peak_bytes"]?.integer
    else { return nil }
    self.init(
      run: run, seed: seed, metrics: SweepResults.numbers(value["metrics"]), seconds: seconds,
      peakBytes: peak)
  }
}
