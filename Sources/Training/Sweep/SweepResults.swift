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
    /// What was set in the recipe, as ``Sweep/Member/identity`` has it.
    public let settings: [String]
    /// The metrics of the evaluation before training, without `eval_`; empty if there was none.
    public let before: [String: Double]
    /// The metrics of the last evaluation.
    public let metrics: [String: Double]
    /// The seconds that training took, evaluations included.
    public let seconds: Double
    /// The most that was resident, in bytes.
    public let peakBytes: Int
  }

  /// The results, in the order in which they came.
  public private(set) var results: [Result] = []

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
  }

  /// The result of a run, if it has one that was made with the settings of now.
  public func result(of member: Sweep.Member) -> Result? {
    results.first { $0.isOf(member) && $0.settings == member.identity }
  }

  /// Sees to it that no run is in the way of one with other settings.
  ///
  /// A result of other settings counts no more; a directory of other settings is not written over.
  ///
  /// - Parameter members: The runs that are to have a result.
  /// - Throws: ``RunError`` with what has changed, and the remedy.
  public func check(_ members: [Sweep.Member]) throws {
    for member in members where FileManager.default.fileExists(atPath: member.directory) {
      guard let old = results.first(where: { $0.isOf(member) }) else { continue }
      let changes =
        old.settings.filter { !member.identity.contains($0) }.map { "then \($0)" }
        + member.identity.filter { !old.settings.contains($0) }.map { "now \($0)" }
      guard changes.isEmpty else {
        throw RunError(
          .output,
          "holds \(member.run), seed \(member.seed), of other settings: "
            + changes.joined(separator: ", ")
            + "; choose another --output-dir, or remove the directory to train it again",
          place: member.directory)
      }
    }
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
    let first = evaluations.first.flatMap { $0["step"] == 0 ? $0 : nil }
    results.removeAll { $0.isOf(member) }
    results.append(
      Result(
        run: member.run, seed: member.seed, settings: member.identity,
        before: first.map(Self.metrics) ?? [:], metrics: Self.metrics(of: last), seconds: seconds,
        peakBytes: peakBytes))
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
      "results": .array(
        results.map {
          [
            "run": .string($0.run), "seed": .integer($0.seed), "seconds": .number($0.seconds),
            "peak_bytes": .integer($0.peakBytes), "before": Self.object($0.before),
            "metrics": Self.object($0.metrics),
            "settings": .array($0.settings.map { .string($0) }),
          ]
        })
    ]
  }
}

extension SweepResults.Result {
  fileprivate init?(_ value: JSONValue) {
    guard let run = value["run"]?.string, let seed = value["seed"]?.integer,
      let seconds = value["seconds"]?.double, let peak = value["peak_bytes"]?.integer,
      let settings = value["settings"]?.array?.map(\.string), !settings.contains(nil)
    else { return nil }
    self.init(
      run: run, seed: seed, settings: settings.compactMap(\.self),
      before: SweepResults.numbers(value["before"]),
      metrics: SweepResults.numbers(value["metrics"]), seconds: seconds, peakBytes: peak)
  }

  fileprivate func isOf(_ member: Sweep.Member) -> Bool {
    run == member.run && seed == member.seed
  }
}
