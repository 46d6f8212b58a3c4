internal import JSONValues

/// The best evaluation of a run so far, by `metric_for_best_model`, as transformers' trainer keeps
/// it.
struct BestModel: Hashable, Sendable {
  /// The metric; nil before the first evaluation.
  private(set) var metric: Double?
  /// The step after which it was measured; nil also if no checkpoints are saved.
  private(set) var step: Int?
  /// The step of the best model of which there is a checkpoint.
  var checkpoint: Int?

  /// Takes note of an evaluation.
  ///
  /// - Returns: Whether it is better than all before; an equal one is not.
  mutating func update(_ metric: Double, step: Int, _ arguments: TrainingArguments) -> Bool {
    if let best = self.metric {
      guard arguments.greaterIsBetter == true ? metric > best : metric < best else { return false }
    }
    self.metric = metric
    if arguments.saveStrategy != .no { self.step = step }
    return true
  }

  /// The name of the metric in an evaluation's log entry; nil if none was asked for.
  static func key(_ arguments: TrainingArguments) -> String? {
    arguments.metricForBestModel.map { $0.hasPrefix("eval_") ? $0 : "eval_" + $0 }
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
