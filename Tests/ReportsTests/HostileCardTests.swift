import JSONValues
import Reports
import Testing

/// Cards of runs whose texts and names are made to break YAML, Markdown, HTML and Python.
@Suite struct HostileCardTests {
  private static let texts = [
    "a | b", "---\n# title", "<b>&amp;</b> <!-- ", "`code` ``` *bold* _it_ [l](http://x) $x$ \\",
    "key: value # no", "yes", "3.5", "2026-11-26", "", "- item", "\"quoted\" 'both'",
    "tab\there\r\nand \u{0}\u{85}\u{2028}\u{FEFF}", "한국어 😀", "@at", "{a}", "%", "trailing ",
    "null:",
  ]

  private func card(_ text: String) -> String {
    let recipe: JSONValue = [
      "name": .string(text), "model": ["path": .string(text)],
      "loss": ["name": "MultipleNegativesRankingLoss", "scale": 1e-5],
      "args": ["seed": 42, "prompts": ["a": .string(text)]],
      "evaluators": [
        [
          "type": "InformationRetrievalEvaluator", "name": .string(text),
          "query_prompt": .string(text),
        ]
      ],
      "model_card_data": ["tags": [.string(text)], "license": .string(text)],
    ]
    let facts: JSONObject = [
      "chosen": ["args.prompts"], "model": ["dimension": 32, "query_prompt": .string(text)],
      "datasets": [
        [
          "name": .string(text), "rows": 1, "samples": [[.string(text), .string(text)]],
          "columns": [
            ["name": .string(text), "tokens": ["min": 1, "mean": 1, "max": 1]],
            ["name": "b", "tokens": ["min": 1, "mean": 1, "max": 1]],
          ],
        ]
      ],
      "examples": [[.string(text + "1"), .string(text)], [.string(text + "2"), .string(text)]],
    ]
    let prefix = text.isEmpty ? "eval_" : "eval_\(text)_"
    let log: [JSONObject] = [
      ["step": 1, "epoch": 1.0, "loss": 1e-7, prefix + "cosine_ndcg@10": 1e-5]
    ]
    let run = RunRecord(path: "run", recipe: recipe, facts: RunFacts(facts), log: log)
    return ModelCard(run: run, step: 1).text
  }

  @Test(arguments: texts) func headIsOneBlockOfSafeScalars(_ text: String) throws {
    let lines = card(text).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0] == "---")
    let end = try #require(lines.dropFirst().firstIndex(of: "---"))
    #expect(lines[end + 2].hasPrefix("# "))
    for line in lines[1..<end] {
      // A key and what follows it, or an element of a list.
      let element = line.drop { $0 == " " }
      let isQuoted = element.hasPrefix("- \"")
      let value = isQuoted ? nil : element.firstRange(of: ": ").map { element[$0.upperBound...] }
      let scalar = value ?? (element.hasPrefix("- ") ? element.dropFirst(2) : "")
      if scalar.hasPrefix("\"") {
        // Double quotes of YAML are those of JSON.
        #expect(throws: Never.self) { try JSONValue(parsing: String(scalar)) }
      } else {
        #expect(
          scalar.allSatisfy {
            $0.isASCII && ($0.isLetter || $0.isNumber || " _-./@+:".contains($0))
          })
        #expect(!["yes", "null:", "trailing "].contains(String(scalar)))
      }
    }
    #expect(lines[1..<end].contains { $0.hasSuffix("value: 1.0e-05") })
  }

  @Test(arguments: texts) func tablesKeepTheirColumns(_ text: String) {
    var columns = 0
    for line in card(text).split(separator: "\n", omittingEmptySubsequences: false) {
      let row = line.drop { $0 == " " }
      guard row.hasPrefix("|") else {
        columns = 0
        continue
      }
      let count = row.replacing("\\|", with: "").count { $0 == "|" }
      if columns > 0 { #expect(count == columns, "\(line)") }
      columns = count
      #expect(row.hasSuffix("|"), "\(line)")
    }
  }

  @Test(arguments: texts) func textOfTheUsersIsNoMarkup(_ text: String) throws {
    let card = card(text)
    let body = card.replacing(#/^---.*?\n---\n/#.dotMatchesNewlines(), with: "")
    #expect(!body.contains("<!--"))
    let prose = body.replacing(#/```.*?\n *```/#.dotMatchesNewlines(), with: "")
      .replacing(#/`[^`\n]*`/#, with: "")
    #expect(!prose.contains("<b>"))
    // As many fences as without it, each on a line of its own.
    let fences = card.split(separator: "\n").count { $0.drop { $0 == " " }.hasPrefix("```") }
    #expect(fences == 16)
    let scalars = card.unicodeScalars
    #expect(!scalars.contains { $0.value < 32 && $0 != "\n" || $0.value == 0x85 })
  }
}
