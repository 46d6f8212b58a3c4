internal import JSONValues

extension ModelCard {
  /// The metrics of this model; nil if it was not measured.
  var evaluation: String? {
    let evaluators = evaluations
    guard !evaluators.isEmpty else { return nil }
    return "## Evaluation\n\n### Metrics\n\n"
      + evaluators.map(section).joined(separator: "\n\n")
  }

  private func section(_ evaluator: EvaluatorRecord) -> String {
    var lines = ["#### \(evaluator.description)", ""]
    if !evaluator.name.isEmpty { lines.append("* Dataset: `\(Markdown.span(evaluator.name))`") }
    if let type = evaluator.type {
      let address =
        "https://sbert.net/docs/package_reference/sentence_transformer/evaluation.html"
        + "#sentence_transformers.sentence_transformer.evaluation.\(type)"
      lines.append("* Evaluated with [<code>\(type)</code>](\(address))\(parameters(evaluator))")
    }
    let primary = evaluator.primary?.name
    let rows = evaluator.metrics.map { metric -> [String] in
      let cells = [Markdown.cell(metric.shortName), PythonText.rounded(metric.last)]
      return metric.name == primary ? cells.map { "**\($0)**" } : cells
    }
    lines += ["", Markdown.table(["Metric", "Value"], rows)]
    return lines.joined(separator: "\n")
  }

  /// The parameters that the peer names in cards, where they are set.
  private func parameters(_ evaluator: EvaluatorRecord) -> String {
    let names = [
      "truncate_dim", "query_prompt", "query_prompt_name", "corpus_prompt", "corpus_prompt_name",
    ]
    let set = names.compactMap { name -> (key: String, value: JSONValue)? in
      guard let value = evaluator.settings[name], !value.isNull else { return nil }
      return (name, value)
    }
    guard !set.isEmpty else { return "" }
    let json = Markdown.json(.object(JSONObject(set)), indent: 4)
    return " with these parameters:\n" + Markdown.indented(json)
  }

  /// The table of losses and metrics; nil if nothing was logged.
  var logs: String? {
    let primaries = run.evaluations.compactMap { $0.primary?.name }
    let names = [("Training Loss", "loss")] + primaries.map { ($0, "eval_" + $0) }
    var rows: [(step: Int, epoch: Double, values: [Double?])] = []
    for entry in run.log {
      guard let step = entry["step"]?.integer, let epoch = entry["epoch"]?.double else { continue }
      let values = names.map { entry[$0.1]?.double }
      guard values.contains(where: { $0 != nil }) else { continue }
      if rows.last?.step == step {
        for (index, value) in values.enumerated() where value != nil {
          rows[rows.count - 1].values[index] = value
        }
      } else {
        rows.append((step, epoch, values))
      }
    }
    let columns = names.indices.filter { index in rows.contains { $0.values[index] != nil } }
    guard !columns.isEmpty else { return nil }
    let isBest = run.recipe?["args"]?["load_best_model_at_end"]?.bool == true
    let cells = rows.map { row -> [String] in
      let cells =
        [PythonText.rounded(row.epoch), String(row.step)]
        + columns.map { row.values[$0].map(PythonText.rounded) ?? "-" }
      return isBest && row.step == step ? cells.map { "**\($0)**" } : cells
    }
    var table = Markdown.table(
      ["Epoch", "Step"] + columns.map { Markdown.cell(names[$0].0) }, cells, isCentred: true)
    if cells.contains(where: { $0[0].hasPrefix("**") }) {
      table += "\n\n* The bold row denotes the saved checkpoint."
    }
    return rows.count > 100
      ? "<details><summary>Click to expand</summary>\n\n\(table)\n</details>" : table
  }
}
