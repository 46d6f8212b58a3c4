import Foundation
import JSONValues
import TestSupport
import Testing

/// `ktrain search` beside the peer's `semantic_search`.
@Suite struct SearchCommandTests {
  let model = Fixture.path("tiny-bert", of: "EncodersTests")
  let data = Fixture.path("curve-tiny-beir", of: "TrainingTests")
  let prompts = ["--query-prompt", "query: ", "--corpus-prompt", "passage: "]

  @Test(arguments: ["None", "12"])
  func hitsAreThePeers(dimension: String) throws {
    let fixture = try Fixture.json("retrieval.json", of: "ktrainTests")
    let cases = try #require(fixture["searches"]?[dimension]?.array)
    let cut = dimension == "None" ? [] : ["--truncate-dim", dimension]
    let queries = cases.map { $0["query"]?.string ?? "" }
    let outcome = try CommandLineTool.run(
      ["search", model, data] + queries + prompts + cut
        + ["--json", "--top-k", "4", "--store", try Fixture.temporary("store")])
    #expect(outcome.status == 0, "\(outcome.error)")
    let lines = outcome.output.split(separator: "\n")
    let answers = try lines.map { try JSONValue(parsing: String($0)) }
    #expect(answers.count == cases.count && cases.count >= 4)
    for (answer, expected) in zip(answers, cases) {
      #expect(answer["query"] == expected["query"])
      let hits = try #require(answer["hits"]?.array)
      #expect(hits.map { $0["id"] } == expected["ids"]?.array)
      expectClose(
        hits.map { $0["score"]?.double ?? .nan }, expected["scores"]?.numbers ?? [],
        relative: 0, absolute: 2e-6)
    }
  }

  @Test func theSecondStartComputesNothing() throws {
    let store = try Fixture.temporary("store")
    let texts = try Fixture.temporary("texts.txt")
    try "red apples\n\na blue sea\n\u{AC15} \u{BB3C}\u{C758} \u{B2E4}\u{B9AC}\n"
      .write(toFile: texts, atomically: true, encoding: .utf8)
    let first = try CommandLineTool.run(
      "search", model, texts, "--store", store, input: "a blue sea\n\n  red apples \n")
    #expect(first.status == 0, "\(first.error)")
    #expect(first.error.contains("embeddings of text: 3 computed, 0 from the store"))
    let blocks = first.output.split(separator: "\n\n").map { $0.split(separator: "\n") }
    #expect(blocks.map(\.first) == ["a blue sea", "red apples"])
    // A line is called by its number; the text itself is nearest.
    #expect(blocks.allSatisfy { $0.count == 4 })
    #expect(blocks[0][1].hasSuffix("1.0000  3  a blue sea"), "\(first.output)")
    #expect(blocks[1][1].hasSuffix("1.0000  1  red apples"), "\(first.output)")
    let second = try CommandLineTool.run("search", model, texts, "red apples", "--store", store)
    #expect(second.error.contains("embeddings of text: 0 computed, 3 from the store"))
    #expect(first.output.contains(second.output))
  }

  /// Where there is no terminal, lines have 100 columns.
  @Test func wideCharactersTakeTwoColumns() throws {
    let texts = try Fixture.temporary("texts.txt")
    let text = String(repeating: "\u{AC00}\u{B098}", count: 100)
    try (text + "\n").write(toFile: texts, atomically: true, encoding: .utf8)
    let outcome = try CommandLineTool.run(
      "search", model, texts, "q", "--store", try Fixture.temporary("store"))
    let line = try #require(outcome.output.split(separator: "\n").last)
    let width = line.reduce(0) { $0 + ($1.isASCII || $1 == "\u{2026}" ? 1 : 2) }
    #expect([99, 100].contains(width) && line.last == "\u{2026}", "\(line)")
  }

  @Test func objectsAreReadByTheirFields() throws {
    let texts = try Fixture.temporary("texts.jsonl")
    try """
    {"id": 7, "head": "one", "body": "red apples"}
    {"id": 8, "head": null, "body": "a blue sea"}

    """.write(toFile: texts, atomically: true, encoding: .utf8)
    let store = ["--store", try Fixture.temporary("store")]
    let outcome = try CommandLineTool.run(
      ["search", model, texts, "one red apples", "--json", "--field", "head", "--field", "body"]
        + store)
    let hit = try JSONValue(parsing: outcome.output)["hits"]?.array?.first
    #expect(hit?["id"] == "7" && hit?["text"] == "one red apples", "\(outcome)")
    let wrong = try CommandLineTool.run(["search", model, texts, "q"] + store)
    #expect(wrong.status == 1 && wrong.error.contains("texts.jsonl:1: there is no \"title\" or"))
  }

  static let faults: [(arguments: [String], status: Int32)] = [
    (["--top-k", "0"], 2), (["--truncate-dim", "0"], 2), (["--truncate-dim", "33"], 1),
  ]

  @Test(arguments: faults)
  func wrongNumbersAreRefused(arguments: [String], status: Int32) throws {
    let outcome = try CommandLineTool.run(
      ["search", model, data, "q"] + arguments + ["--store", try Fixture.temporary("store")])
    #expect(outcome.status == status && outcome.output.isEmpty, "\(outcome.error)")
    #expect(status == 2 || outcome.error.contains("embeddings have 32 dimensions"))
  }
}
