import Foundation
import JSONValues
import TestSupport
import Testing

/// What a run writes on a terminal, replayed on a screen, and what it writes elsewhere.
@Suite struct TerminalTests {
  /// 12 steps of many mini-batches each, evaluated every fourth.
  private func files() throws -> RunFiles {
    var files = try RunFiles()
    let data = Fixture.path("curve-tiny", of: "TrainingTests")
    files.recipe["train_dataset"] = ["path": .string(data + ".train.jsonl")]
    files.recipe["loss"] = ["name": "CachedMultipleNegativesRankingLoss", "mini_batch_size": 2]
    files.recipe["evaluators"] = [
      ["type": "InformationRetrievalEvaluator", "name": "tiny", "path": .string(data + "-beir")]
    ]
    for (name, value) in [
      "max_steps": 12, "per_device_train_batch_size": 100, "logging_steps": 4, "save_steps": 12,
      "eval_strategy": "steps", "eval_steps": 4, "eval_on_start": true,
    ] as [String: JSONValue] { files.setArgument(name, value) }
    return files
  }

  @Test(arguments: [60, 80, 200])
  func oneLineIsWrittenOverAndOver(columns: Int) throws {
    let files = try files()
    let terminal = try PseudoTerminal(columns: columns)
    let process = try terminal.start(files.fitting())
    var screen = Screen(columns: columns)
    let received = terminal.readAll(of: process)
    #expect(process.terminationStatus == 0)
    screen.receive(received)
    #expect(screen.unknown.isEmpty, "\(screen.unknown)")
    let text = screen.text
    // What stays: each of these once, and nothing of the live line.
    for label in ["model    ", "data     ", "tokens   ", "plan     ", "memory   ", "machine  "] {
      #expect(text.contains { $0.hasPrefix(label) }, "\(label) in \(text)")
    }
    #expect(text.count { $0.hasPrefix("step 4/12 ") } == 1)
    #expect(text.count { $0.hasPrefix("step 12/12 ") } == 1)
    #expect(!text.contains { $0.contains(" % encode") || $0.contains("left ") }, "\(text)")
    #expect(text.contains { $0.hasPrefix("weights  moved by ") })
    let path = "SentenceTransformer(\"\(files.output)/final\")"
    #expect(columns < 200 || text.contains { $0.contains(path) })
    // The live line: drawn from its start, never so long that the terminal breaks it.
    let drawn = String(decoding: received, as: UTF8.self).components(separatedBy: "\r\u{1B}[K")
      .dropFirst().map { $0.prefix { $0 != "\r" && $0 != "\r\n" && $0 != "\n" } }
    #expect(drawn.contains { $0.hasPrefix("step ") && $0.contains(" % ") }, "\(drawn)")
    #expect(drawn.contains { $0.contains(" tokens/s") } || columns < 80)
  }

  @Test func aNarrowerTerminalGetsShorterLines() throws {
    let files = try files()
    let terminal = try PseudoTerminal(columns: 150)
    let process = try terminal.start(files.fitting() + ["--set", "args.max_steps=60"])
    var after: Int?
    let received = terminal.readAll(of: process) { bytes in
      if after == nil, String(decoding: bytes, as: UTF8.self).contains("step 4/60  epoch") {
        terminal.resize(columns: 40)
        after = bytes.count
      }
    }
    let rest = String(decoding: received.dropFirst(try #require(after)), as: UTF8.self)
    // Whatever was on its way when the terminal became narrower is taken away with the lines above.
    let drawn = rest.components(separatedBy: "\u{1B}[").filter { $0.hasPrefix("Kstep ") }
      .dropFirst(2).map { $0.dropFirst().prefix { $0 != "\r" && $0 != "\r\n" && $0 != "\n" } }
    let live = drawn.filter { $0.contains(" % ") }
    #expect(!live.isEmpty && live.allSatisfy { $0.count <= 39 }, "\(live)")
  }

  @Test(arguments: [["NO_COLOR": "1"], ["TERM": "dumb"]])
  func noColourAndNoEscapesWhereTheyAreNotWanted(environment: [String: String]) throws {
    let files = try files()
    let terminal = try PseudoTerminal(columns: 80)
    let process = try terminal.start(files.fitting(), environment: environment)
    let text = String(decoding: terminal.readAll(of: process), as: UTF8.self)
    #expect(text.matches(of: /\u{1B}\[[0-9;]*m/).isEmpty)
    if environment["TERM"] == "dumb" {
      #expect(!text.contains("\u{1B}") && !text.replacing("\r\n", with: "").contains("\r"))
    }
  }

  @Test func aPipeGetsALineForEachLoggedStep() throws {
    let files = try files()
    let outcome = try files.fit()
    #expect(outcome.status == 0)
    #expect(!outcome.error.contains("\r") && !outcome.error.contains("\u{1B}"))
    let lines = outcome.error.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("step ") && $0.contains("loss ") } == 3, "\(lines)")
    #expect(lines.contains("load     SentenceTransformer(\"\(files.output)/final\")"))
    let weights = try #require(lines.first { $0.hasPrefix("weights  moved by ") })
    #expect(weights.contains(" % of their length; most, by "))
    #expect(outcome.output.contains("change"))
  }

  /// A bias of a new model is 0 and then is not: its change has no share.
  @Test func aWeightThatWas0IsNamed() throws {
    let files = try RunFiles()
    let bias = "encoder.layer.0.attention.self.value.bias"
    try files.scale([bias], by: 0)
    let outcome = try files.fit()
    #expect(outcome.status == 0)
    #expect(outcome.error.contains(" of their length; most, from 0, \(bias)\n"), "\(outcome.error)")
  }
}
