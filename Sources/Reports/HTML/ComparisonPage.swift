internal import JSONValues

/// The report that lays several runs beside each other.
struct ComparisonPage {
  let runs: [RunRecord]

  var text: String {
    let remarks = zip(runs, names).flatMap { run, name in run.remarks.map { "\(name): \($0)" } }
    let parts: [Markup?] = [
      header, Page.remarks(remarks), Page.section("Results", [results]),
      Page.section("Training", [Page.grid(training)]),
      Page.section("Evaluation", [Page.grid(metrics)]),
      Page.section("Time and memory", [Page.grid(speed)]),
      Page.section("What differs", differences),
    ]
    return Page.text(title: "\(runs.count) runs", parts.compactMap { $0 })
  }

  /// The runs' names; those that would be the same are told apart by their directories.
  private var names: [String] {
    let names = runs.map(\.name)
    let directories = runs.map(\.directoryName)
    return names.indices.map { index in
      let isAlone = names.count { $0 == names[index] } == 1
      if isAlone { return names[index] }
      let isEnough = directories.count { $0 == directories[index] } == 1
      return isEnough ? directories[index] : runs[index].path
    }
  }

  private var header: Markup {
    let items = zip(names, runs).enumerated().map { index, item -> Markup in
      """
      <li><i class="swatch c\(index % 8)"></i><span>\(item.0) \
      <small class="note">\(item.1.status)</small></span></li>
      """
    }
    return """
      <header><h1>\(runs.count) runs</h1><ul class="legend">\(items)</ul></header>

      """
  }

  // MARK: Results

  /// One row for each run; the best of each column is marked.
  private var results: Markup {
    var columns:
      [(head: String, values: [Double?], isLowerBetter: Bool?, format: (Double) -> String)]
    columns = primaryNames.map { name in
      let metrics = runs.map { $0.metric(name) }
      let isLower = metrics.contains { $0?.isLowerBetter == true }
      return (name, metrics.map { $0?.last }, isLower, { Figures.fixed($0, 4) })
    }
    columns += [
      ("mean loss", runs.map { $0.ending?["train_loss"]?.double }, nil, Figures.short),
      ("steps", runs.map { Double($0.stepCount) }, nil, { Figures.fixed($0, 0) }),
      ("time", runs.map(\.seconds), true, Figures.duration),
      ("tokens/s", runs.map(\.tokensPerSecond), false, { Figures.fixed($0, 0) }),
      (
        "peak memory", runs.map { $0.timingPoints("peak_bytes").map(\.value).max() }, true,
        Figures.bytes
      ),
    ]
    columns.removeAll { $0.values.allSatisfy { $0 == nil } }
    var table = Table(heads: ["Run"] + columns.map(\.head), caption: "Results of the runs")
    table.rows = runs.indices.map { row in
      let name: Markup = "<i class=\"swatch c\(row % 8)\" style=\"display:inline-block\"></i> "
      return [Table.Cell(markup: "\(name)\(names[row])")]
        + columns.map { column in
          guard let value = column.values[row] else { return "–" }
          let known = column.values.compactMap { $0 }
          let best = column.isLowerBetter.map { $0 ? known.min() : known.max() } ?? nil
          let isMarked = best == value && Set(known).count > 1
          return Table.Cell(column.format(value), isMarked: isMarked)
        }
    }
    return table.markup
  }

  /// The metrics that stand for the evaluators, each once.
  private var primaryNames: [String] {
    runs.flatMap { $0.evaluations.compactMap { $0.primary?.name } }.uniqued
  }

  // MARK: Curves

  private func chart(
    _ title: String, _ points: (RunRecord) -> [Point], change: (inout LineChart) -> Void = { _ in }
  ) -> Markup? {
    let curves = runs.indices.map {
      LineChart.Curve(name: names[$0], color: $0 % 8, points: points(runs[$0]))
    }
    var chart = LineChart(title: title, curves: curves)
    change(&chart)
    return chart.markup
  }

  private var training: [Markup?] {
    [
      chart("Loss", { $0.points("loss") }) { $0.isNoisy = true },
      chart("Gradient norm", { $0.points("grad_norm") }) {
        $0.isNoisy = true
        $0.startsAtZero = true
      },
      chart("Learning rate", { $0.points("learning_rate") }) {
        $0.startsAtZero = true
        $0.axisFormat = Figures.short
      },
    ]
  }

  private var metrics: [Markup?] {
    let shared = runs.flatMap { $0.evaluations.flatMap { $0.metrics.map(\.name) } }.uniqued
      .filter { name in
        ["_ndcg@", "_mrr@", "_map@", "_accuracy@1", "loss"].contains { name.contains($0) }
          && !name.hasSuffix("_accuracy@10")
      }
    return (primaryNames + shared).uniqued.prefix(8).map { name in
      chart(name, { $0.metric(name)?.points ?? [] }) { $0.format = { Figures.fixed($0, 4) } }
    }
  }

  private var speed: [Markup?] {
    [
      chart("Tokens a second", { $0.timingPoints("tokens_per_second") }) {
        $0.startsAtZero = true
        $0.format = { Figures.fixed($0, 0) }
      },
      chart("Resident memory", { $0.timingPoints("resident_bytes") }) {
        $0.measureBytes()
      },
    ]
  }

  // MARK: Differences

  private var differences: [Markup?] {
    let recipes = runs.map { run in
      // Where a run writes is another place for each.
      RecipeField.list(of: run.recipe?.object ?? [:], chosen: nil).filter {
        $0.path != "args.output_dir"
      }
    }
    let machines = runs.map { run in
      run.facts.environment.members.map {
        RecipeField(path: $0.0, value: $0.1, isChosen: false)
      }
    }
    let inputs = runs.map { run in
      run.facts.inputs.enumerated().map { index, input in
        RecipeField(
          path: "\(input["of"]?.string ?? "input \(index)")",
          value: .string(
            "\(input["path"]?.string ?? "") \((input["sha256"]?.string ?? "").prefix(12))"),
          isChosen: false)
      }
    }
    let parts = [
      ("Recipe", recipes), ("Data and models", inputs), ("Machine", machines),
    ].map { title, fields -> Markup? in
      table(title, fields).map { "<h3>\(title)</h3>\n\($0)" }
    }
    return parts.allSatisfy({ $0 == nil })
      ? ["<p class=\"note\">Neither recipe, inputs nor machine, as far as is known.</p>"] : parts
  }

  /// The fields in which the runs are not all the same; nil if there are none.
  private func table(_ title: String, _ fields: [[RecipeField]]) -> Markup? {
    let paths = fields.joined().map(\.path).uniqued
    let values = fields.map { fields in
      Dictionary(fields.map { ($0.path, $0.text) }, uniquingKeysWith: { "\($0), \($1)" })
    }
    let differing = paths.filter { path in Set(values.map { $0[path] }).count > 1 }
    guard !differing.isEmpty else { return nil }
    var table = Table(
      heads: ["Field"] + names, isText: true, caption: "\(title): what differs")
    table.rows = differing.map { path in
      [Table.Cell(markup: "<code>\(path)</code>")] + values.map { "\($0[path] ?? "–")" }
    }
    return table.markup
  }
}

extension RunRecord {
  /// A metric by its name in the log, without `eval_`.
  fileprivate func metric(_ name: String) -> MetricRecord? {
    for evaluator in evaluations {
      if let metric = evaluator.metrics.first(where: { $0.name == name }) { return metric }
    }
    return nil
  }
}

extension [String] {
  /// The strings without those that were there before.
  fileprivate var uniqued: [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}
