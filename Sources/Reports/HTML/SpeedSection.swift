internal import JSONValues

/// How fast the run was, where its time went and what memory it held.
struct SpeedSection {
  let run: RunRecord

  var markup: Markup? {
    Page.section(
      "Time and memory", [Page.grid([tokens.markup, memory.markup, phases, step.markup]), note])
  }

  private var tokens: LineChart {
    var chart = LineChart(
      title: "Tokens a second", curves: [.init(run.timingPoints("tokens_per_second"))])
    chart.startsAtZero = true
    chart.format = { Figures.fixed($0, 0) }
    chart.remark = run.tokensPerSecond.map { "mean \(Figures.fixed($0, 0))" }
    return chart
  }

  private var memory: LineChart {
    var chart = LineChart(
      title: "Resident memory", curves: [.init(run.timingPoints("resident_bytes"))])
    chart.measureBytes()
    let peak = run.timingPoints("peak_bytes").map(\.value).max()
    chart.remark = peak.map { "peak \(Figures.bytes($0))" }
    return chart
  }

  private var step: LineChart {
    let points = run.timings.compactMap { entry -> Point? in
      guard let step = entry["step"]?.double, let seconds = entry["seconds"]?.double,
        let count = entry["steps"]?.double, count > 0
      else { return nil }
      return Point(step: step, value: seconds / count)
    }
    var chart = LineChart(title: "Seconds a step", curves: [.init(points)])
    chart.startsAtZero = true
    chart.format = Figures.duration
    return chart
  }

  private var phases: Markup? {
    guard !run.timings.isEmpty else { return nil }
    let names = [
      ("encode", "texts to embeddings"), ("loss", "loss"), ("backward", "backward"),
      ("exchange", "between ranks"), ("optimizer", "optimizer"), ("evaluation", "evaluation"),
      ("preparation", "tokenizing, guide, clusters"),
    ]
    var parts = names.map { key, name in (name, run.total(key) ?? 0) }
    if let runtime = run.ending?["train_runtime"]?.double {
      // Before the first step the clock of the run does not go yet.
      let known = parts.dropLast().reduce(0) { $0 + $1.1 }
      parts.append(("checkpoints and the rest", max(0, runtime - known)))
    }
    return ShareBar(
      title: "Where the time went",
      parts: parts.map { .init(name: $0, value: $1, text: Figures.duration($1)) }
    ).markup
  }

  private var note: Markup? {
    guard let replayed = run.total("replayed"), replayed > 0 else { return nil }
    return """
      <p class="note">\(Figures.fixed(replayed, 0)) mini-batches were encoded twice, for want of \
      memory to keep their activations: runtime.memory would take more of it.</p>

      """
  }
}

extension LineChart {
  /// Shows numbers of bytes in the unit that fits, so that the axis has round numbers of it.
  mutating func measureBytes() {
    let most = curves.flatMap { $0.points.map(\.value) }.max() ?? 0
    let (unit, name) = most < 2 * 1_073_741_824 ? (1_048_576.0, "MiB") : (1_073_741_824, "GiB")
    for index in curves.indices {
      curves[index].points = curves[index].points.map {
        Point(step: $0.step, value: $0.value / unit)
      }
    }
    startsAtZero = true
    format = { Figures.bytes($0 * unit) }
    axisFormat = { "\(Figures.fixed($0, $0 == $0.rounded() ? 0 : 1)) \(name)" }
  }
}
