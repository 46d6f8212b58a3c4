/// What was measured: curves, and the first, the best and the last value of every metric.
struct EvaluationSection {
  let run: RunRecord

  var markup: Markup? {
    let evaluators = run.evaluations
    let parts = evaluators.flatMap { evaluator -> [Markup?] in
      let title: Markup? =
        evaluators.count > 1 || !evaluator.name.isEmpty
        ? "<h3>\(evaluator.title)</h3>\n" : nil
      return [title, charts(evaluator), table(evaluator)]
    }
    return Page.section("Evaluation", parts)
  }

  /// The metrics that say most have a chart; the others are in the table.
  private func charts(_ evaluator: EvaluatorRecord) -> Markup? {
    let kinds = ["_ndcg@", "_mrr@", "_map@", "_accuracy@1"]
    let known = evaluator.metrics.filter { metric in
      kinds.contains { metric.shortName.contains($0) && !metric.shortName.hasSuffix("@100") }
        && !metric.shortName.hasSuffix("_accuracy@10")
    }
    let primary = evaluator.primary
    let chosen = known.isEmpty ? Array(evaluator.metrics.prefix(4)) : Array(known.prefix(4))
    let isIn = chosen.contains { $0.name == primary?.name }
    return Page.grid(
      ((isIn ? nil : primary).map { [$0] + chosen.prefix(3) } ?? chosen).map(Self.chart))
  }

  private static func chart(_ metric: MetricRecord) -> Markup? {
    let best = metric.best
    var chart = LineChart(
      title: metric.shortName, curves: [.init(metric.points, best: best)])
    chart.format = { Figures.fixed($0, 4) }
    chart.remark = "best \(Figures.fixed(best.value, 4)) at step \(Figures.fixed(best.step, 0))"
    return chart.markup
  }

  private func table(_ evaluator: EvaluatorRecord) -> Markup {
    let isOne = evaluator.metrics.allSatisfy { $0.points.count == 1 }
    let steps = evaluator.metrics[0].points.map { Figures.fixed($0.step, 0) }
    var table = Table(
      heads: isOne
        ? ["Metric", "step \(steps[0])"]
        : ["Metric", "step \(steps[0])", "best", "at step", "step \(steps.last ?? "")", "change"],
      caption: "Metrics of \(evaluator.title)")
    table.rows = evaluator.metrics.map { metric in
      let first: Table.Cell = "\(Figures.fixed(metric.first, 4))"
      if isOne { return ["\(metric.shortName)", first] }
      let best = metric.best
      let isBest = metric.last == best.value
      return [
        "\(metric.shortName)", first,
        Table.Cell(Figures.fixed(best.value, 4), isMarked: true),
        "\(Figures.fixed(best.step, 0))",
        Table.Cell(Figures.fixed(metric.last, 4), isMarked: isBest),
        "\(Figures.signed(metric.last - metric.first, 4))",
      ]
    }
    return table.markup
  }
}
