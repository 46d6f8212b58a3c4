internal import JSONValues

/// The training data: sizes, lengths of texts, clusters.
struct DataSection {
  let run: RunRecord

  var markup: Markup? {
    Page.section("Data", [table] + run.facts.datasets.flatMap(charts))
  }

  private var table: Markup? {
    let datasets = run.facts.datasets
    guard !datasets.isEmpty else { return nil }
    var table = Table(
      heads: ["Column", "rows", "fewest tokens", "mean", "most", "at the limit"],
      caption: "Tokens of the training data's columns")
    for dataset in datasets {
      for column in dataset["columns"]?.array ?? [] {
        let tokens = column["tokens"]
        let rows = dataset["rows"]?.integer ?? 0
        let share = column["at_limit"]?.double.map { $0 / Double(max(1, rows)) }
        table.rows.append([
          "\(title(dataset, column))", "\(Figures.grouped(rows))",
          "\(tokens?["min"]?.double.map { Figures.fixed($0, 0) } ?? "–")",
          "\(tokens?["mean"]?.double.map { Figures.fixed($0, 1) } ?? "–")",
          "\(tokens?["max"]?.double.map { Figures.fixed($0, 0) } ?? "–")",
          "\(share.map(Figures.percent) ?? "–")",
        ])
      }
    }
    let limit = run.facts.model["max_seq_length"]?.integer
    let labels: [Markup] = datasets.compactMap(labels)
    let note: Markup? = limit.map {
      """
      <p class="note">Prompts and special tokens are counted. A text at the limit of \
      \(Figures.grouped($0)) tokens was cut there, or is just as long.</p>

      """
    }
    return "\(table.markup)\(note)\(labels)"
  }

  /// What the labels of a data set are like; nil if it has none.
  private func labels(of dataset: JSONValue) -> Markup? {
    guard let labels = dataset["labels"], let name = labels["name"]?.string else { return nil }
    let numbers = ["min", "mean", "max"].map { Figures.short(labels[$0]?.double ?? 0) }
    let shape = labels["list_length"]?.integer.map { "lists of \(Figures.count($0, "number"))" }
    let column = dataset["name"]?.string.map { "\($0): \(name)" } ?? name
    return """
      <p class="note">Labels in \(column): \(shape ?? "a number for each row"), \(numbers[0]) to \
      \(numbers[2]), mean \(numbers[1]).</p>

      """
  }

  private func charts(_ dataset: JSONValue) -> [Markup?] {
    let lengths = (dataset["columns"]?.array ?? []).map { histogram($0, of: dataset) }
    return [Page.grid(lengths + [clusters(dataset)])]
  }

  private func title(_ dataset: JSONValue, _ column: JSONValue) -> String {
    let name = column["name"]?.string ?? "column"
    return dataset["name"]?.string.map { "\($0): \(name)" } ?? name
  }

  private func histogram(_ column: JSONValue, of dataset: JSONValue) -> Markup? {
    guard let counts = column["histogram"]?["counts"]?.array?.compactMap(\.integer),
      let width = column["histogram"]?["width"]?.integer, width > 0, !counts.isEmpty
    else { return nil }
    let bars = counts.enumerated().map { index, count in
      let range =
        width == 1 ? "\(index)" : "\(index * width) to \((index + 1) * width - 1)"
      return BarChart.Bar(
        value: Double(count), label: "\(range) tokens: \(Figures.count(count, "text"))")
    }
    return BarChart(
      title: "Tokens of \(title(dataset, column))",
      remark: column["tokens"]?["mean"]?.double.map { "mean \(Figures.fixed($0, 1))" },
      bars: bars, ends: ("0", "\(counts.count * width) tokens")
    ).markup
  }

  private func clusters(_ dataset: JSONValue) -> Markup? {
    guard let sizes = dataset["clusters"]?["sizes"]?.array?.compactMap(\.integer), !sizes.isEmpty
    else { return nil }
    let order = sizes.indices.sorted { sizes[$0] > sizes[$1] }
    let bars = order.map {
      BarChart.Bar(
        value: Double(sizes[$0]), label: "cluster \($0): \(Figures.count(sizes[$0], "row"))")
    }
    let column = dataset["clusters"]?["column"]?.string.map { " of \($0)" } ?? ""
    let (most, fewest) = (sizes[order[0]], sizes[order[order.count - 1]])
    return BarChart(
      title: "Rows of the clusters\(column)",
      remark: "\(Figures.count(sizes.count, "cluster")), "
        + "\(Figures.grouped(fewest)) to \(Figures.grouped(most)) rows",
      bars: bars, ends: ("largest", "smallest")
    ).markup
  }
}
