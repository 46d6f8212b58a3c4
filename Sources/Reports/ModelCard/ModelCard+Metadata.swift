internal import JSONValues

extension ModelCard {
  /// The YAML that the hub reads, in the peer's order.
  var head: String {
    var data = JSONObject()
    let languages = list("language")
    if !languages.isEmpty { data["language"] = .array(languages.map { .string($0) }) }
    data["license"] = given["license"]?.string.map { .string($0) }
    data["tags"] = .array(tags.map { .string($0) })
    data["base_model"] = hubName.map { .string($0) }
    if !widget.isEmpty { data["widget"] = .array(widget) }
    let datasets = list("datasets")
    if !datasets.isEmpty { data["datasets"] = .array(datasets.map { .string($0) }) }
    data["pipeline_tag"] = "sentence-similarity"
    data["library_name"] = "sentence-transformers"
    let metrics = evaluations.flatMap { $0.metrics.map(\.shortName) }
      .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    if !metrics.isEmpty {
      data["metrics"] = .array(metrics.map { .string($0) })
      data["model-index"] = [["name": .string(title.oneLine), "results": .array(results)]]
    }
    return "---\n\(YAML.text(data))\n---"
  }

  private var tags: [String] {
    let rows = run.facts.datasets.compactMap { $0["rows"]?.integer }.reduce(0, +)
    let losses = lossBlocks.compactMap { $0.block["name"]?.string }
      .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return ["sentence-transformers", "sentence-similarity", "feature-extraction", "dense"]
      + ["generated_from_trainer"] + (rows > 0 ? ["dataset_size:\(rows)"] : [])
      + losses.map { "loss:\($0)" } + list("tags")
  }

  /// Texts to try on the model's page: a query of the data, and texts some of which fit it.
  private var widget: [JSONValue] {
    let examples = run.facts.examples.filter { $0.count >= 2 }
    return examples.prefix(5).indices.map { index in
      var sentences = Array(examples[index].dropFirst().prefix(4))
      var other = index
      while sentences.count < 3, other + 1 < index + examples.count {
        other += 1
        sentences.append(examples[other % examples.count][1])
      }
      // So that the one that fits does not always stand first.
      let turn = index % max(1, sentences.count)
      sentences = Array(sentences[turn...] + sentences[..<turn])
      return [
        "source_sentence": .string(examples[index][0].cut(to: 500)),
        "sentences": .array(sentences.map { .string($0.cut(to: 500)) }),
      ]
    }
  }

  /// The results of `model-index`, one for each evaluator.
  private var results: [JSONValue] {
    evaluations.map { evaluator in
      let name = evaluator.name
      let kind = evaluator.description
      return [
        "task": [
          "type": .string(kind.lowercased().replacing(" ", with: "-")), "name": .string(kind),
        ],
        "dataset": [
          "name": .string(
            name.isEmpty
              ? "Unknown" : name.replacing("_", with: " ").replacing("-", with: " ").oneLine),
          "type": .string(name.isEmpty ? "unknown" : name.oneLine),
        ],
        "metrics": .array(
          evaluator.metrics.map { metric in
            [
              "type": .string(metric.shortName), "value": .number(metric.last),
              "name": .string(metric.shortName.titled),
            ]
          }),
      ]
    }
  }
}

extension String {
  /// As Python's `title` has `cosine_ndcg@10`, with spaces: `Cosine Ndcg@10`.
  fileprivate var titled: String {
    var (result, isStart) = ("", true)
    for character in replacing("_", with: " ") {
      result += isStart ? character.uppercased() : character.lowercased()
      isStart = !character.isLetter
    }
    return result
  }
}
