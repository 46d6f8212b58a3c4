import Foundation
import JSONValues
import TestSupport
import Testing

/// The card of a trained model, against the one that sentence-transformers writes for the same run;
/// make_model_card.py made it.
@Suite struct ModelCardTests {
  /// The run of make_model_card.py.
  private func files() throws -> RunFiles {
    var files = try RunFiles()
    let data = Fixture.path("curve-tiny", of: "TrainingTests")
    files.recipe["model"] = ["path": .string(files.model), "dropout": 0]
    files.recipe["train_dataset"] = ["path": .string(data + ".train.jsonl"), "limit": 100]
    files.recipe["evaluators"] = [
      [
        "type": "InformationRetrievalEvaluator", "name": "tiny-dev",
        "path": .string(data + "-beir"), "query_prompt": "query: ",
      ]
    ]
    files.recipe["args"] = [
      "output_dir": .string(files.output), "max_steps": 12, "per_device_train_batch_size": 16,
      "learning_rate": 1e-3, "warmup_steps": 0.1, "weight_decay": 0.01,
      "batch_sampler": "no_duplicates", "logging_steps": 3, "eval_strategy": "steps",
      "eval_steps": 6, "save_strategy": "no",
    ]
    return files
  }

  @Test func whatThePeersCardSaysIsInIt() throws {
    let files = try files()
    let outcome = try files.fit()
    #expect(outcome.status == 0, "\(outcome.error)")
    let card = try Card(contentsOf: files.output + "/final/README.md")
    let expected = try Card(contentsOf: Fixture.path("peer-card.md", in: .module))
    #expect(card.head.count == expected.head.count)
    #expect(expected.lines.count > 120)
    for line in expected.lines where !card.has(line) {
      Issue.record("the card lacks: \(line)")
    }
  }

  /// As the peer's card has a column of floats and one of lists.
  @Test(arguments: [
    (
      "0.25", "<code>0.25</code>", "float",
      "<ul><li>min: -1.5</li><li>mean: -0.62</li><li>max: 0.25</li></ul>"
    ),
    ("[0.9, 1]", "<code>&#91;0.9, 1.0&#93;</code>", "list", "<ul><li>size: 2 elements</li></ul>"),
  ])
  func labelsAreAColumnOfIt(_ label: String, _ sample: String, _ type: String, _ details: String)
    throws
  {
    var files = try files()
    let isList = label.hasPrefix("[")
    let other = isList ? "[-1.5, 0]" : "-1.5"
    try files.write(
      (0..<12).map {
        #"{"query": "q \#($0)", "a": "a \#($0)", "b": "b \#($0)", "label": \#($0 % 2 == 0 ? label : other)}"#
      }.joined(separator: "\n"), to: files.data)
    files.recipe["train_dataset"] = ["path": .string(files.data)]
    files.recipe["loss"] = ["name": isList ? "DistillKLDivLoss" : "MarginMSELoss"]
    let outcome = try files.fit()
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.contains("12 rows of query, a, b, labels in label; "))
    let card = try String(contentsOfFile: files.output + "/final/README.md", encoding: .utf8)
    for part in [
      "<code>b</code>, and <code>label</code>", "| \(type) ", details, sample,
      isList ? "lin2020" : "hofstätter2021",
    ] { #expect(card.contains(part), "\(part)") }
    let report = try String(contentsOfFile: files.output + "/report.html", encoding: .utf8)
    #expect(report.contains("Labels in label: \(isList ? "lists of 2" : "a number for each row")"))
  }

  @Test func importTakesTheRecipeOutOfIt() throws {
    var files = try files()
    files.recipe["loss"] = ["name": "MultipleNegativesRankingLoss", "scale": 35]
    files.recipe["model_card_data"] = ["language": "ko", "base_model": "owner/base"]
    files.setArgument("prompts", ["anchor": "query: ", "positive": "```\n### Recipe\n"])
    #expect(try files.fit().status == 0)
    let card = files.output + "/final/README.md"
    let outcome = try CommandLineTool.run("recipe", "import", card)
    #expect(outcome.status == 0, "\(outcome.error)")
    let recipe = try JSONValue(
      parsing: Data(contentsOf: URL(filePath: files.output + "/recipe.json")))
    #expect(try JSONValue(parsing: outcome.output) == recipe)
    let text = try String(contentsOfFile: card, encoding: .utf8)
    #expect(text.contains("\nlanguage:\n- ko\n") && text.contains("\nbase_model: owner/base\n"))
    #expect(text.contains("model.encode(queries, prompt='query: ')"))
  }

  /// Of a run that keeps its best model the card is that model's.
  @Test func theCardIsOfTheBestModel() throws {
    var files = try files()
    for (name, value) in [
      "save_strategy": "steps", "save_steps": 6, "load_best_model_at_end": true,
      "metric_for_best_model": "tiny-dev_cosine_ndcg@10", "greater_is_better": false,
    ] as [String: JSONValue] { files.setArgument(name, value) }
    #expect(try files.fit().status == 0)
    let card = try String(contentsOfFile: files.output + "/final/README.md", encoding: .utf8)
    let log = try String(contentsOfFile: files.output + "/log.jsonl", encoding: .utf8)
      .split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    let values = log.compactMap { $0["eval_tiny-dev_cosine_ndcg@10"]?.double }
    let worst = try #require(values.min())
    #expect(values.count == 2 && values[0] != values[1])
    #expect(card.contains("\n      value: \(worst)\n"))
    #expect(card.contains("| **\(worst == values[0] ? 6 : 12)**"))
    #expect(card.contains("* The bold row denotes the saved checkpoint."))
  }
}

/// A model card in pieces.
private struct Card {
  /// The lines of the YAML at its head but for the widget, whose texts are drawn at random there.
  let head: [String]
  /// The lines that say something of the run: no comments, nothing that is drawn at random, takes
  /// time or has a version.
  let lines: [String]

  init(contentsOf path: String) throws {
    var text = try String(contentsOfFile: path, encoding: .utf8)
    text = text.replacing(#/<!--.*?-->/#.dotMatchesNewlines(), with: "")
    let parts = text.split(separator: "---\n", maxSplits: 2, omittingEmptySubsequences: false)
    var isOfWidget = false
    head = parts[1].split(separator: "\n").map(String.init).filter { line in
      if !line.hasPrefix(" "), !line.hasPrefix("-") { isOfWidget = line == "widget:" }
      return !isOfWidget
    }
    var body = String(parts[2])
    for section in ["### Direct Usage", "### Training Time", "### Framework", "## Additional"] {
      guard let start = body.range(of: section)?.lowerBound else { continue }
      let end = body[start...].dropFirst(4).range(of: "\n## ") ?? body[start...].range(of: "\n### ")
      body.removeSubrange(start..<(end?.lowerBound ?? body.endIndex))
    }
    lines =
      (head + body.split(separator: "\n").map(String.init))
      .map { line in
        line.split(separator: " ").filter { !$0.allSatisfy { "|:-".contains($0) } }
          .joined(separator: " ")
      }.filter { !$0.isEmpty }
  }

  /// Whether a line is in the card, or need not be.
  func has(_ line: String) -> Bool {
    // Of arguments that ktrain does not have; and what it knows better.
    let argument = line.firstMatch(of: #/^`(\w+)`:/#).map { "`\($0.1)`:" }
    if let argument, !lines.contains(where: { $0.hasPrefix(argument) }) { return true }
    let known = ["This is a [sentence-transformers]", "* Approximate statistics", "# "]
    if known.contains(where: line.hasPrefix) { return true }
    return lines.contains { Self.isSame($0, line) }
  }

  /// Whether two lines are the same but for the last of four digits.
  private static func isSame(_ one: String, _ other: String) -> Bool {
    if one == other { return true }
    let (parts, others) = (one.split(separator: " "), other.split(separator: " "))
    return parts.count == others.count
      && zip(parts, others).allSatisfy { part, other in
        if part == other { return true }
        guard let value = Double(part), let expected = Double(other) else { return false }
        return abs(value - expected) < 1.01e-4
      }
  }
}
