internal import JSONValues

extension ModelCard {
  /// Data, loss, hyperparameters, logs, times and versions.
  var training: String {
    let parts: [String?] = [
      "## Training Details", datasets, "### Training Hyperparameters", hyperparameters("chosen"),
      hyperparameters("all"), logs.map { "### Training Logs\n\n\($0)" }, time, recipe, versions,
    ]
    return parts.compactMap { $0 }.joined(separator: "\n\n")
  }

  // MARK: Data

  private var datasets: String? {
    let datasets = run.facts.datasets
    guard !datasets.isEmpty else { return nil }
    let parts = datasets.map { dataset in
      let isFolded = datasets.count > 3
      let name = Markdown.inline(dataset["name"]?.string ?? "Unnamed Dataset")
      let text = "#### \(name)\n\n\(section(dataset))"
      return isFolded ? "<details><summary>\(name)</summary>\n\n\(text)\n</details>" : text
    }
    return "### Training Dataset\(datasets.count > 1 ? "s" : "")\n\n"
      + parts.joined(separator: "\n\n")
  }

  private func section(_ dataset: JSONValue) -> String {
    let columns = dataset["columns"]?.array ?? []
    let labels = dataset["labels"]
    let labelName = labels?["name"]?.string.map { Markdown.inline($0) }
    let names =
      columns.map { Markdown.inline($0["name"]?.string ?? "?") } + [labelName].compactMap(\.self)
    let rows = dataset["rows"]?.integer ?? 0
    var lines = [
      "* Size: \(Figures.grouped(rows)) training samples",
      "* Columns: \(Markdown.list(names.map { "<code>\($0)</code>" }))",
    ]
    let details = columns.map { column -> String in
      let tokens = column["tokens"]
      let items = ["min", "mean", "max"].map { key in
        let number = tokens?[key]?.double ?? 0
        let digits = key == "mean" ? PythonText.hundredths(number) : String(Int(number))
        return "<li>\(key): \(digits) tokens</li>"
      }
      return "<ul>\(items.joined())</ul>"
    }
    if columns.allSatisfy({ $0["tokens"]?.object != nil }), !columns.isEmpty {
      let table = Markdown.table(
        [""] + names,
        [
          ["type"] + columns.map { _ in "string" } + Self.type(of: labels),
          ["modality"] + columns.map { _ in "text" } + (labelName == nil ? [] : [""]),
          ["details"] + details + Self.details(of: labels),
        ])
      lines += ["* Statistics of all \(Figures.grouped(rows)) samples:", Markdown.indented(table)]
    }
    let samples = (dataset["samples"]?.array ?? []).compactMap(\.array)
    if !samples.isEmpty {
      let cells = samples.map { row in
        names.indices.map {
          $0 < row.count ? Markdown.code(row[$0].string ?? PythonText.plain(row[$0])) : ""
        }
      }
      lines += ["* Samples:", Markdown.indented(Markdown.table(names, cells))]
    }
    if let loss = loss(of: dataset["name"]?.string) { lines.append(loss) }
    return lines.joined(separator: "\n")
  }

  /// The type of labels as the peer names it; none if there are none.
  private static func type(of labels: JSONValue?) -> [String] {
    guard labels?.object != nil else { return [] }
    return [labels?["list_length"]?.integer == nil ? "float" : "list"]
  }

  private static func details(of labels: JSONValue?) -> [String] {
    guard let labels, labels.object != nil else { return [] }
    if let length = labels["list_length"]?.integer {
      return ["<ul><li>size: \(length) elements</li></ul>"]
    }
    let items = ["min", "mean", "max"].map { key in
      "<li>\(key): \(PythonText.hundredths(labels[key]?.double ?? 0))</li>"
    }
    return ["<ul>\(items.joined())</ul>"]
  }

  private func loss(of dataset: String?) -> String? {
    let blocks = lossBlocks
    guard
      let loss = (blocks.first { $0.name == dataset } ?? blocks.first { $0.name == nil })?.block,
      let name = loss["name"]?.string
    else { return nil }
    var parameters = loss
    parameters["name"] = nil
    if parameters["gather_across_devices"]?.isNull == true {
      // In the peer's words, whose default says what a run on one device does.
      parameters["gather_across_devices"] = .bool(run.facts.environment["ranks"] != nil)
    }
    let address =
      "https://sbert.net/docs/package_reference/sentence_transformer/losses.html"
      + "#\(name.lowercased())"
    let json = Markdown.json(.object(parameters), indent: 4)
    return "* Loss: [<code>\(name)</code>](\(address)) with these parameters:\n"
      + Markdown.indented(json)
  }

  // MARK: Hyperparameters

  /// What says only where the run writes and what it measures, as the peer leaves it out.
  private static let unlisted: Set<String> = [
    "output_dir", "logging_dir", "logging_strategy", "logging_first_step", "logging_steps",
    "eval_strategy", "eval_steps", "eval_delay", "save_strategy", "save_steps", "save_total_limit",
    "metric_for_best_model", "greater_is_better", "report_to", "do_train", "do_eval", "run_name",
  ]

  private func hyperparameters(_ which: String) -> String? {
    guard let arguments = run.recipe?["args"]?.object else { return nil }
    let chosen = run.facts.chosen
    let isAll = which == "all"
    if !isAll, chosen == nil { return nil }
    let items = arguments.members.filter { name, _ in
      !Self.unlisted.contains(name)
        && (isAll || chosen?.contains("args.\(name)") == true || chosen?.contains("args") == true
          || chosen?.contains { $0.hasPrefix("args.\(name).") } == true)
    }.map { "- `\($0)`: \(Markdown.cell(PythonText.plain($1)))" }
    guard !items.isEmpty else { return nil }
    let list = items.joined(separator: "\n")
    return isAll
      ? "#### All Hyperparameters\n<details><summary>Click to expand</summary>\n\n\(list)\n\n</details>"
      : "#### Non-Default Hyperparameters\n\n\(list)"
  }

  // MARK: The run

  private var time: String? {
    guard let seconds = run.ending?["train_runtime"]?.double else { return nil }
    let evaluation = run.total("evaluation") ?? 0
    var lines = ["### Training Time", "- **Training**: \(duration(seconds - evaluation))"]
    if evaluation > 0 {
      lines.append("- **Evaluation**: \(duration(evaluation))")
      lines.append("- **Total**: \(duration(seconds))")
    }
    return lines.joined(separator: "\n")
  }

  private func duration(_ seconds: Double) -> String {
    let units = [(86400.0, "days"), (3600, "hours"), (60, "minutes")]
    let (size, name) = units.first { seconds >= $0.0 } ?? (1, "seconds")
    return "\(Figures.fixed(max(0, seconds) / size, 1)) \(name)"
  }

  /// The whole recipe, from which the run can be made once more.
  private var recipe: String? {
    run.recipe.map { recipe in
      """
      ### Recipe

      The run can be repeated with `ktrain fit`; `ktrain recipe import` takes the recipe out of this \
      file.

      <details><summary>Click to expand</summary>

      \(Markdown.json(recipe, indent: 2))

      </details>
      """
    }
  }

  private var versions: String {
    let environment = run.facts.environment
    var lines = ["### Framework Versions", "- ktrain: \(run.facts.version ?? ToolVersion.current)"]
    let names = [
      ("kernels", "Kernels"), ("precision", "Precision"), ("cpu", "CPU"), ("threads", "Threads"),
    ]
    lines += names.compactMap { key, name in
      environment[key].map { "- \(name): \(Markdown.cell(PythonText.plain($0)))" }
    }
    return lines.joined(separator: "\n")
  }
}

extension PythonText {
  /// A number as `round(value, 2)` prints it.
  static func hundredths(_ value: Double) -> String {
    String((value * 100).rounded(.toNearestOrEven) / 100)
  }
}
