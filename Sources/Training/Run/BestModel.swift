internal import JSONValues

/// The best evaluation of a run so far, by `metric_for_best_model`, as transformers' trainer keeps
/// it.
package struct BestModel: Hashable, Sendable {
  /// The metric; nil before the first evaluation.
  package private(set) var metric: Double?
  /// The step after which it was measured; nil also if no checkpoints are saved.
  package private(set) var step: Int?
  /// The step of the best model of which there is a checkpoint.
  package var checkpoint: Int?

  package init() {}

  /// Takes note of an evaluation.
  ///
  /// - Returns: Whether it is better than all before; an equal one is not.
  package mutating func update(
    _ metric: Double, step: Int, _ arguments: TrainingArguments
  ) -> Bool {
    if let best = self.metric {
      guard arguments.greaterIsBetter == true ? metric > best : metric < best else { return false }
    }
    self.metric = metric
    if arguments.saveStrategy != .no { self.step = step }
    return true
  }

  /// Takes note of a checkpoint.
  package mutating func noteCheckpoint(of step: Int) {
    if self.step == step { checkpoint = step }
  }

  /// Which checkpoints `save_total_limit` is too small for: the oldest ones, but never the best nor,
  /// while the run goes on, the newest; at the end of a run whose limit is 1 only the best stays.
  ///
  /// - Parameters:
  ///   - steps: The checkpoints, the newest first.
  ///   - limit: How many are kept, if no more need to be.
  ///   - isEnd: Whether the run is done.
  /// - Returns: The steps of those to remove.
  package func surplus(of steps: [Int], limit: Int, isEnd: Bool) -> [Int] {
    let best = steps.first { $0 == checkpoint }
    let keepsNewest = !isEnd || limit > 1 || best == nil
    let kept = Set([keepsNewest ? steps.first : nil, best].compactMap { $0 })
    return Array(steps.filter { !kept.contains($0) }.dropFirst(max(0, limit - kept.count)))
  }

  /// The name of the metric in an evaluation's log entry; nil if none was asked for.
  static func key(_ arguments: TrainingArguments) -> String? {
    arguments.metricForBestModel.map { $0.hasPrefix("eval_") ? $0 : "eval_" + $0 }
  }

  /// Checks that evaluations will have the metric.
  ///
  /// - Parameters:
  ///   - arguments: The metric that is asked for, if one is.
  ///   - names: What is measured.
  /// - Throws: ``RecipeError`` with the names that there are.
  static func checkMetric(_ arguments: TrainingArguments, measured names: [String]) throws {
    guard let key = key(arguments), arguments.evalStrategy != .no else { return }
    guard !names.contains(where: { "eval_" + $0 == key }) else { return }
    throw RecipeError(
      .invalidValue,
      "\"\(arguments.metricForBestModel ?? "")\" is not measured; what is: "
        + names.joined(separator: ", "), at: FieldPath(text: "args.metric_for_best_model"))
  }
}

extension BestModel {
  /// As it stands in `training_state.json`.
  var json: JSONValue {
    [
      "metric": metric.map { .number($0) } ?? nil, "step": step.map { .integer($0) } ?? nil,
      "checkpoint": checkpoint.map { .integer($0) } ?? nil,
    ]
  }

  init?(_ value: JSONValue?) {
    guard let object = value?.object else { return nil }
    (metric, step) = (object["metric"]?.double, object["step"]?.integer)
    checkpoint = object["checkpoint"]?.integer
  }
}
