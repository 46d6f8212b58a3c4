internal import JSONValues

/// What one evaluator measured in the course of a run.
struct EvaluatorRecord: Sendable {
  /// The evaluator's class; nil where the recipe does not say.
  let type: String?
  /// What it is called in the recipe; empty if it has no name.
  let name: String
  /// Its block in the recipe.
  let settings: JSONObject
  /// The metrics in the order of the log.
  let metrics: [MetricRecord]

  /// What it is called in a report: `dev`, or its kind.
  var title: String { name.isEmpty ? description : name }

  /// The evaluator's kind as the peer spells it: `Information Retrieval`.
  var description: String {
    guard let type else { return "Evaluation" }
    if type == "EmbeddingSimilarityEvaluator" { return "Semantic Similarity" }
    var words = ""
    for letter in type.replacing("Evaluator", with: "") {
      if letter.isUppercase, words.last?.isLowercase == true { words.append(" ") }
      words.append(letter)
    }
    return words
  }

  /// The metric that stands for all: the best NDCG, the rank correlation, the accuracy or the loss.
  var primary: MetricRecord? {
    let endings: [(MetricRecord) -> Bool] = [
      { $0.shortName.contains("_ndcg@") }, { $0.shortName.hasPrefix("spearman_max") },
      { $0.shortName.hasPrefix("spearman_") }, { $0.shortName.hasSuffix("_accuracy") },
      { $0.shortName == "negative_mse" }, { $0.shortName.hasSuffix("loss") },
    ]
    for matches in endings {
      let found = metrics.filter(matches)
      let depth = found.map(\.cutoff).max()
      let best = found.filter { $0.cutoff == depth }.max { $0.last < $1.last }
      if let best { return best }
    }
    return metrics.first
  }
}

/// One metric in the course of a run.
struct MetricRecord: Sendable {
  /// The name in the log without `eval_`: `dev_cosine_ndcg@10`.
  let name: String
  /// The name without the evaluator's: `cosine_ndcg@10`.
  let shortName: String
  /// The values, at least one.
  let points: [Point]

  var first: Double { points[0].value }
  var last: Double { points[points.count - 1].value }
  /// Whether a smaller value is better.
  var isLowerBetter: Bool { shortName.hasSuffix("loss") }

  /// The first of the best values.
  var best: Point {
    points.dropFirst().reduce(points[0]) { best, point in
      let isBetter = isLowerBetter ? point.value < best.value : point.value > best.value
      return isBetter ? point : best
    }
  }

  /// The number behind `@`; 0 if there is none.
  var cutoff: Int { shortName.split(separator: "@").dropFirst().last.flatMap { Int($0) } ?? 0 }
}

extension RunRecord {
  /// What was measured, by evaluator, in the order of the recipe.
  var evaluations: [EvaluatorRecord] { evaluations { _ in true } }

  /// What was measured in those entries of the log that are of interest.
  func evaluations(where isIncluded: (JSONObject) -> Bool) -> [EvaluatorRecord] {
    var (names, series) = ([String](), [String: [Point]]())
    for entry in log where isIncluded(entry) {
      guard let step = entry["step"]?.double else { continue }
      for (key, value) in entry.members where Self.isMetric(key) {
        guard let value = value.double, value.isFinite else { continue }
        let name = String(key.dropFirst("eval_".count))
        if series[name] == nil { names.append(name) }
        series[name, default: []].append(Point(step: step, value: value))
      }
    }
    var evaluators = (recipe?["evaluators"]?.array ?? []).compactMap(\.object)
    // The longest name first, so that `dev` does not take what is of `dev_long`.
    let order = evaluators.indices.sorted {
      evaluators[$0].evaluatorName.count > evaluators[$1].evaluatorName.count
    }
    var owned = [[MetricRecord]](repeating: [], count: evaluators.count)
    var others: [MetricRecord] = []
    for name in names {
      let owner =
        name == "loss"
        ? nil
        : order.first {
          let own = evaluators[$0].evaluatorName
          return own.isEmpty || name.hasPrefix(own + "_")
        }
      let prefix = owner.map { evaluators[$0].evaluatorName } ?? ""
      let metric = MetricRecord(
        name: name,
        shortName: prefix.isEmpty ? name : String(name.dropFirst(prefix.count + 1)),
        points: series[name] ?? [])
      if let owner { owned[owner].append(metric) } else { others.append(metric) }
    }
    if !others.isEmpty {
      evaluators.append([:])
      owned.append(others)
    }
    return zip(evaluators, owned).filter { !$1.isEmpty }.map { settings, metrics in
      EvaluatorRecord(
        type: settings["type"]?.string, name: settings.evaluatorName, settings: settings,
        metrics: metrics)
    }
  }

  /// Whether a name of the log is of something measured, not of how long it took.
  private static func isMetric(_ key: String) -> Bool {
    key.hasPrefix("eval_")
      && ![
        "eval_runtime", "eval_samples_per_second", "eval_steps_per_second", "eval_sequential_score",
      ].contains(key)
  }
}

extension JSONObject {
  fileprivate var evaluatorName: String { self["name"]?.string ?? "" }
}
