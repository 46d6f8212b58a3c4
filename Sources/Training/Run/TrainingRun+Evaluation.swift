internal import JSONValues
internal import Retrieval

extension TrainingRun {
  /// Takes the evaluation losses, runs all evaluators, and writes what they found to the log and to
  /// CSV files.
  ///
  /// - Returns: The metrics.
  func evaluate(
    _ log: TrainingLog, _ goOn: () throws -> Void, _ observer: (TrainingEvent) -> Void
  ) throws -> JSONObject {
    var values: [(key: String, value: JSONValue)] = []
    var primary: JSONValue = nil
    var rows: [any EvaluationReport] = []
    let start = ContinuousClock.now
    for (loss, texts) in zip(evaluationLosses, evaluationTexts) {
      let value = try loss.value(texts) {
        observer(.evaluating(name: loss.metricName, done: $0, of: $1))
        try goOn()
      }
      values.append(("eval_" + loss.metricName, .number(value)))
    }
    for evaluator in evaluators {
      let report = try evaluator.measure(encoder) {
        observer(.evaluating(name: evaluator.name, done: $0, of: $1))
        try goOn()
      }
      for (key, value) in report.values {
        values.append(("eval_" + key, .number(value)))
        if key == report.primaryMetric { primary = .number(value) }
      }
      if evaluator.writesCSV { rows.append(report) }
    }
    if evaluators.count > 1 { values.append(("eval_sequential_score", primary)) }
    try directory.check()
    for report in rows {
      try report.appendCSV(
        to: arguments.outputDir + "/eval", epoch: state.epoch, steps: state.step)
    }
    let entry = LogEntry(step: state.step, epoch: state.epoch, values)
    try append(entry, log, observer)
    try log.timings.append(
      step: state.step, "evaluation", seconds: (ContinuousClock.now - start).seconds)
    return entry.values
  }
}
