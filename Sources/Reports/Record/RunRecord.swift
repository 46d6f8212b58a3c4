package import JSONValues

/// All that is known of a run from what it has written: the source of reports and model cards.
///
/// Any part may be missing, as in the directory of a run that is still going on, was killed, or was
/// made by transformers' trainer.
package struct RunRecord: Sendable {
  /// The run's directory, as given.
  package let path: String
  /// `recipe.json`: the recipe with every default written out.
  package let recipe: JSONValue?
  /// `run.json`: what was known at the start of model, data and machine; see ``RunFacts``.
  package let facts: RunFacts
  /// `log.jsonl`: the logged steps and evaluations.
  package let log: [JSONObject]
  /// `timings.jsonl`: how long steps took and what memory they held.
  package let timings: [JSONObject]
  /// What could not be read, each on one line.
  package let remarks: [String]
  /// How many steps the run was to have, where only a checkpoint says so.
  let plannedSteps: Int?

  /// Creates a record of a run that is going on.
  package init(
    path: String, recipe: JSONValue?, facts: RunFacts, log: [JSONObject],
    timings: [JSONObject] = []
  ) {
    self.init(
      path: path, recipe: recipe, facts: facts, log: log, timings: timings, remarks: [],
      plannedSteps: nil)
  }

  init(
    path: String, recipe: JSONValue?, facts: RunFacts, log: [JSONObject], timings: [JSONObject],
    remarks: [String], plannedSteps: Int?
  ) {
    (self.path, self.recipe, self.facts, self.log) = (path, recipe, facts, log)
    (self.timings, self.remarks, self.plannedSteps) = (timings, remarks, plannedSteps)
  }
}

// MARK: - What follows from it

extension RunRecord {
  /// What to call the run: the recipe's name, else the directory's.
  var name: String {
    let given = recipe?["args"]?["run_name"]?.string ?? recipe?["name"]?.string
    if let given, !given.isEmpty { return given }
    return directoryName
  }

  /// The last part of the path that says something.
  var directoryName: String {
    path.split(separator: "/").last { $0 != "." }.map(String.init) ?? "run"
  }

  /// The line of the whole run; nil if it is not done.
  package var ending: JSONObject? { log.last { $0["train_runtime"]?.double != nil } }

  /// How many steps were taken, as far as is known.
  var stepCount: Int { (log + timings).compactMap { $0["step"]?.integer }.max() ?? 0 }

  /// How many steps the run has; nil if nothing says so.
  var totalSteps: Int? { facts.plan["steps"]?.integer ?? plannedSteps }

  /// The points of a value of the log that is a number.
  func points(_ key: String) -> [Point] { Self.points(key, in: log) }

  /// The points of a value of the timings that is a number.
  func timingPoints(_ key: String) -> [Point] { Self.points(key, in: timings) }

  private static func points(_ key: String, in entries: [JSONObject]) -> [Point] {
    entries.compactMap { entry in
      guard let step = entry["step"]?.double, let value = entry[key]?.double, value.isFinite
      else { return nil }
      return Point(step: step, value: value)
    }
  }

  /// The sum of a value of the timings; nil if none has it.
  func total(_ key: String) -> Double? {
    let values = timings.compactMap { $0[key]?.double }.filter(\.isFinite)
    return values.isEmpty ? nil : values.reduce(0, +)
  }

  /// The names of the losses, each once.
  var losses: [String] {
    guard let loss = recipe?["loss"] else { return [] }
    if let name = loss["name"]?.string { return [name] }
    let names = loss.object?.values.compactMap { $0["name"]?.string } ?? []
    return names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}

/// A value after a step.
struct Point: Hashable, Sendable {
  let step: Double
  let value: Double
}
