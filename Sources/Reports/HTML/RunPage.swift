internal import JSONValues

/// The report of one run.
struct RunPage {
  let run: RunRecord

  var text: String {
    let parts: [Markup?] = [
      header, Page.remarks(run.remarks), tiles, Page.section("Training", [trainingCharts]),
      EvaluationSection(run: run).markup, SpeedSection(run: run).markup,
      DataSection(run: run).markup, RecipeSection(run: run).markup,
      ProvenanceSection(run: run).markup,
    ]
    return Page.text(title: "\(run.name) · run", parts.compactMap { $0 })
  }

  private var header: Markup {
    """
    <header><p class="status\(run.ending == nil ? "" : " done")">\(run.status)</p>
    <h1>\(run.name)</h1>
    <p class="lead">\(run.lead)</p></header>

    """
  }

  private var tiles: Markup? {
    let primary = run.evaluations.first?.primary
    let metric = primary.map { metric -> (String, String?, String?) in
      let before =
        metric.points.count > 1 ? "\(Figures.fixed(metric.first, 4)) at first" : nil
      return (metric.name, Figures.fixed(metric.last, 4), before)
    }
    let memory = run.timingPoints("peak_bytes").map(\.value).max()
    let loss = run.ending?["train_loss"]?.double ?? run.points("loss").last?.value
    return Page.tiles([
      metric ?? ("", nil, nil),
      (run.ending == nil ? "Last loss" : "Mean loss", loss.map(Figures.short), nil),
      (
        "Steps", Figures.grouped(run.stepCount),
        run.totalSteps.flatMap { $0 == run.stepCount ? nil : "of \(Figures.grouped($0))" }
      ),
      ("Time", run.seconds.map(Figures.duration), run.ending == nil ? "in steps" : nil),
      (
        "Tokens a second", run.tokensPerSecond.map { Figures.fixed($0, 0) },
        run.total("tokens").map { "\(Figures.fixed($0, 0)) in all" }
      ),
      ("Peak memory", memory.map(Figures.bytes), nil),
    ])
  }

  private var trainingCharts: Markup? {
    var loss = LineChart(title: "Loss", curves: [.init(run.points("loss"))])
    loss.isNoisy = true
    loss.remark = run.points("loss").last.map { "last \(Figures.short($0.value))" }
    var rate = LineChart(title: "Learning rate", curves: [.init(run.points("learning_rate"))])
    rate.startsAtZero = true
    rate.axisFormat = Figures.short
    let peak = run.points("learning_rate").map(\.value).max()
    rate.remark = peak.map { "highest \(Figures.short($0))" }
    var norm = LineChart(title: "Gradient norm", curves: [.init(run.points("grad_norm"))])
    norm.startsAtZero = true
    norm.isNoisy = true
    let limit = run.recipe?["args"]?["max_grad_norm"]?.double
    norm.remark = limit.flatMap {
      $0 > 0 ? "clipped at \(Figures.fixed($0, $0 == $0.rounded() ? 0 : 2))" : nil
    }
    var scale = LineChart(title: "Loss scale", curves: [.init(run.points("loss_scale"))])
    scale.startsAtZero = true
    scale.format = { Figures.fixed($0, 0) }
    let skipped = run.log.count { $0["loss"] != nil && $0["grad_norm"]?.isNull == true }
    scale.remark = skipped > 0 ? "\(Figures.count(skipped, "logged step")) skipped" : nil
    let charts = Page.grid([loss.markup, norm.markup, rate.markup, scale.markup])
    guard charts == nil else { return charts }
    let interval = run.recipe?["args"]?["logging_steps"]?.text()
    return """
      <p class="note">There are no two logged losses to draw a curve of\
      \(interval.map { "; logging_steps is \($0)" } ?? "").</p>

      """
  }
}

extension LineChart.Curve {
  /// The only curve of a chart.
  init(_ points: [Point], best: Point? = nil) {
    self.init(name: "", color: 0, points: points, best: best)
  }
}

// MARK: - What is said of a run

extension RunRecord {
  /// How far it came.
  var status: String {
    if ending != nil { return "finished" }
    guard let totalSteps else { return "not finished" }
    return "not finished: step \(Figures.grouped(stepCount)) of \(Figures.grouped(totalSteps))"
  }

  /// The run in a sentence.
  var lead: String {
    var parts: [String] = []
    let model = facts.model["path"]?.string ?? recipe?["model"]?["path"]?.string
    let weights = facts.model["parameters"]?.integer.map { ", \(Figures.grouped($0)) weights" }
    if let model { parts.append("\(model)\(weights ?? "")") }
    let rows = facts.datasets.compactMap { $0["rows"]?.integer }.reduce(0, +)
    if rows > 0 { parts.append(Figures.count(rows, "row")) }
    if !losses.isEmpty { parts.append(losses.joined(separator: ", ")) }
    if let precision = facts.environment["precision"]?.string { parts.append(precision) }
    return parts.joined(separator: " · ")
  }

  /// How long the run took, or its steps if it is not done.
  var seconds: Double? { ending?["train_runtime"]?.double ?? total("seconds") }

  /// Tokens of texts a second, in steps.
  var tokensPerSecond: Double? {
    guard let tokens = total("tokens"), let seconds = total("seconds"), seconds > 0 else {
      return nil
    }
    return tokens / seconds
  }
}
