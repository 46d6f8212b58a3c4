internal import Datasets
internal import Encoders
internal import FoundationEssentials
internal import JSONValues
internal import Reports
internal import Tensors

extension TrainingRun {
  /// What is known before the first step and is not in the recipe: `run.json`.
  ///
  /// - Precondition: ``prepare(observer:)`` has been called.
  func makeFacts() -> RunFacts {
    RunFacts([
      "format": 1, "version": .string(ToolVersion.current),
      "started": .string(Date.now.formatted(.iso8601)),
      "chosen": .array(recipe.chosenFields.map { .string($0) }),
      "model": .object(modelFacts),
      "plan": [
        "steps": .integer(plan.totalSteps), "epochs": .integer(plan.epochs),
        "warmup_steps": .integer(plan.warmupSteps), "steps_per_epoch": .integer(plan.stepsPerEpoch),
      ],
      "datasets": .array(sources.indices.map { .object(facts(of: $0)) }),
      "examples": .array(
        (sources.first?.shortRows(5) ?? []).map { .array($0.map { .string($0) }) }),
      "inputs": identity.json["digests"] ?? [], "environment": .object(Environment.facts(summary)),
    ])
  }

  private var modelFacts: JSONObject {
    let (layout, configuration) = (encoder.layout, encoder.description.configuration)
    let columns = sources.first.map { ($0.prompts.first ?? "", $0.prompts.dropFirst().first ?? "") }
    let own = (layout.prompts["query"] ?? "", layout.prompts["document"] ?? "")
    // What stood in front of the texts in training is what the model now expects.
    let isPrompted = columns.map { !$0.0.isEmpty || !$0.1.isEmpty } ?? false
    let prompts = isPrompted ? columns ?? own : own
    var object: JSONObject = [
      "path": .string(recipe.model.path),
      "architecture": configuration.modelType == "bert" ? "BertModel" : "XLMRobertaModel",
      "parameters": .integer(summary.parameterCount), "layers": .integer(configuration.layerCount),
      "dimension": .integer(encoder.dimension),
      "max_seq_length": .integer(encoder.maxSequenceLength),
      "pooling": .string(layout.pooling.rawValue), "include_prompt": .bool(layout.poolsPrompt),
      "normalize": .bool(layout.normalizes), "similarity": .string(layout.similarity),
      "query_prompt": .string(prompts.0), "document_prompt": .string(prompts.1),
    ]
    object["default_prompt_name"] = layout.defaultPromptName.map { .string($0) }
    object["hub"] = HubName(path: recipe.model.path)?.json
    return object
  }

  private func facts(of index: Int) -> JSONObject {
    let (source, tokens) = (sources[index], texts[index].tokens)
    let columns = source.dataset.columns.enumerated().map { number, column -> JSONValue in
      let statistics = ColumnStatistics(
        lengths: tokens.lengths(ofColumn: number), limit: encoder.maxSequenceLength)
      return .object(JSONObject([("name", .string(column.name))] + statistics.json.pairs))
    }
    let labels = source.dataset.labels
    let samples = (0..<min(3, source.dataset.rowCount)).map { row -> JSONValue in
      .array(
        source.dataset.columns.map { .string(Self.shortened($0[row])) }
          + (labels.map { [$0.json(ofRow: row)] } ?? []))
    }
    var object: JSONObject = [
      "name": source.name.map { .string($0) } ?? nil, "rows": .integer(source.dataset.rowCount),
      "columns": .array(columns), "loss": .string(source.loss.name),
      "negatives_per_anchor": .integer(source.summary().negativesPerAnchor),
      "samples": .array(samples),
    ]
    object["labels"] = labels.map { .object($0.statistics) }
    if let sizes = clusterSizes[index], let column = recipe.clusters?.column {
      object["clusters"] = [
        "column": .string(column), "sizes": .array(sizes.map { .integer($0) }),
      ]
    }
    return object
  }

  /// A text for a card, which cuts at a thousand characters and says so.
  private static func shortened(_ text: String) -> String {
    text.index(text.startIndex, offsetBy: 1100, limitedBy: text.endIndex)
      .map { String(text[..<$0]) } ?? text
  }
}

extension LabelColumn {
  /// A row as it stands in a file of JSON.
  fileprivate func json(ofRow row: Int) -> JSONValue {
    // With the digits that the file is likely to have: 0.9, not 0.8999999761581421.
    let numbers = self[row].map { JSONValue.number(Double($0.description) ?? Double($0)) }
    return listLength == nil ? numbers[0] : .array(numbers)
  }

  /// Name, the length of lists, and how large the numbers are.
  fileprivate var statistics: JSONObject {
    let sum = values.reduce(0.0) { $0 + Double($1) }
    return [
      "name": .string(name), "list_length": listLength.map { .integer($0) } ?? nil,
      "min": .number(Double(values.min() ?? 0)),
      "mean": .number(sum / Double(max(1, values.count))),
      "max": .number(Double(values.max() ?? 0)),
    ]
  }
}

extension TrainingSource {
  /// The shortest of the first thousand rows, to show what the data is like.
  ///
  /// Rows with an empty text are left out, and those whose first text stood before.
  func shortRows(_ count: Int) -> [[String]] {
    let rows = (0..<min(1000, dataset.rowCount)).map { row in dataset.columns.map { $0[row] } }
    let sorted = rows.filter { $0.allSatisfy { !$0.isEmpty } && $0[0].count <= 500 }
      .map { (length: $0.reduce(0) { $0 + $1.utf8.count }, row: $0) }
      .enumerated()
      .sorted { ($0.element.length, $0.offset) < ($1.element.length, $1.offset) }
    var (seen, short) = (Set<String>(), [[String]]())
    for (_, row) in sorted.map(\.element) where short.count < count {
      if seen.insert(row[0]).inserted { short.append(row) }
    }
    return short
  }
}

/// The name of a model on the hub, where the path of its directory is one of the hub's cache.
private struct HubName {
  let id: String
  let revision: String

  /// Reads `…/models--owner--name/snapshots/revision`; nil of any other path.
  init?(path: String) {
    let parts = path.split(separator: "/").map(String.init)
    guard parts.count >= 3, parts[parts.count - 2] == "snapshots",
      parts[parts.count - 3].hasPrefix("models--")
    else { return nil }
    id = parts[parts.count - 3].dropFirst("models--".count).split(separator: "--", maxSplits: 1)
      .joined(separator: "/")
    revision = parts[parts.count - 1]
  }

  var json: JSONValue { ["id": .string(id), "revision": .string(revision)] }
}
