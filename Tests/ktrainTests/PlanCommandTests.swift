import Encoders
import Foundation
import JSONValues
import Tensors
import TestSupport
import Testing

/// `ktrain plan` against what `fit` then takes, in processes of their own.
@Suite struct PlanCommandTests {
  @Test func stepsAndTokensAreThoseOfTheRun() throws {
    let files = try Self.files(rows: 100, batch: 32)
    let plan = try Self.plan(
      files, "--set", "args.num_train_epochs=3", "--set", "args.max_steps=-1")
    // ceil(100 / 32) = 4 batches in each of 3 epochs; ceil(0.1 · 12) steps of warm-up.
    #expect(plan["steps"] == 12 && plan["epochs"] == 3 && plan["warmup_steps"] == 2)
    #expect(plan["negatives_per_anchor"] == [31])
    #expect(plan["tokens_per_batch"]?["batches_counted"] == 4)
    // All rows stand in one epoch, so its batches have the tokens of all texts, cut to 64.
    let lengths = try Self.lengths(files)
    let mean = try #require(plan["tokens_per_batch"]?["mean"]?.double)
    expectClose(
      [mean * 4], [Double(lengths.reduce(0) { $0 + min($1, 64) })], relative: 1e-9, absolute: 0)
    let truncated = Double(lengths.count { $0 > 64 }) / Double(lengths.count)
    #expect(truncated > 0.1)
    expectClose(
      [plan["tokens_per_batch"]?["truncated_share"]?.double ?? 0], [truncated], relative: 1e-9,
      absolute: 0)
    let advice = Self.advice(plan)
    #expect(advice.contains { $0.hasPrefix("model.max_seq_length: ") }, "\(advice)")
    #expect(!FileManager.default.fileExists(atPath: files.output))
  }

  /// Within 15 % of what the run took, with all tapes and with some.
  @Test(.enabled(if: !CommandLineTool.isSanitized), arguments: [nil, "200MB"])
  func memoryIsWhatTheRunTakes(_ budget: String?) throws {
    let files = try Self.files(rows: 2400, batch: 1200)
    let settings =
      ["--set", "args.max_steps=3"] + (budget.map { ["--set", "runtime.memory=\($0)"] } ?? [])
    let plan = try Self.plan(files, settings)
    let outcome = try CommandLineTool.run(["fit", Self.path(files)] + settings)
    #expect(outcome.status == 0, "\(outcome.error)")
    let peak = try #require(
      outcome.error.firstMatch(of: #/peak ([0-9]+) MiB/#).flatMap { Double($0.1) })
    let predicted = try #require(plan["memory"]?["peak"]?.double) / 1_048_576
    expectClose([predicted], [peak], relative: 0.15, absolute: 0, "MiB")
    if budget == nil {
      // What tapes take by their shapes, against what they were measured to take; blocks are up to an
      // eighth larger than what is asked for.
      let shape = try SentenceEncoder(directory: files.model).description.configuration
      let tokens = try #require(plan["tokens_per_batch"]?["largest"]?.integer)
      let said = Double(shape.tapeBytesPerToken(.fp32) * tokens)
      let measured = try #require(plan["memory"]?["activations"]?.double)
      #expect(measured > 0.9 * said && measured < 1.2 * said, "\(measured), \(said) said")
    }
    let parts = try #require(plan["memory"]?.object).members.filter { $0.0 != "peak" }
    #expect(parts.reduce(0) { $0 + ($1.1.integer ?? 0) } == plan["memory"]?["peak"]?.integer)
    let replayed =
      outcome.error.matches(of: #/([0-9]+) mini-batches encoded twice/#)
      .compactMap { Int($0.1) }.last ?? 0
    let expected = try #require(plan["replayed_mini_batches"]?.integer)
    #expect(abs(expected - replayed) <= 1, "predicted \(expected), found \(replayed)")
    #expect((budget == nil) == (expected == 0) && expected < plan["mini_batches"]?.integer ?? 0)
    #expect(Self.advice(plan).contains { $0.hasPrefix("runtime.memory: ") } == (budget != nil))
  }

  @Test func adviceNamesWhatIsLikelyWrong() throws {
    let files = try Self.files(rows: 40, batch: 16)
    try files.write(
      (0..<40).map { #"{"anchor": "question \#($0)", "positive": "the answer is \#($0 % 5)"}"# }
        .joined(separator: "\n"), to: files.data)
    var advice = Self.advice(try Self.plan(files, "--set", "args.fp16=true"))
    #expect(advice.contains { $0.hasPrefix("args.batch_sampler: ") && $0.contains("use no_dup") })
    #expect(advice.contains { $0.hasPrefix("args.fp16 takes the memory of 16 bits") })
    advice = Self.advice(try Self.plan(files, "--set", "args.batch_sampler=no_duplicates"))
    #expect(
      advice.contains(
        "only 5 of the positives are different, so no batch without duplicates has 16 rows"))
    advice = Self.advice(
      try Self.plan(files, "--set", "args.per_device_train_batch_size=64"))
    #expect(advice.contains { $0.hasPrefix("the data has 40 rows, less than a batch of 64") })
    // Eight copies of a text, in a cluster of about one batch.
    try files.write(
      (0..<40).map { #"{"anchor": "question \#($0)", "positive": "the answer is \#(max(7, $0))"}"# }
        .joined(separator: "\n"), to: files.data)
    let clusters = #"clusters={"column": "positive", "encoder": "\#(files.model)", "k": 2}"#
    let small = "clusters: a text is in 8 rows, but its cluster has about 1 batches"
    advice = Self.advice(try Self.plan(files, "--set", clusters))
    #expect(!advice.contains { $0.hasPrefix("clusters: ") })  // a batch may have many of them
    let settings = ["--set", clusters, "--set", "args.batch_sampler=no_duplicates"]
    advice = Self.advice(try Self.plan(files, settings))
    #expect(advice.contains { $0.hasPrefix(small) })
    advice = Self.advice(
      try Self.plan(files, settings + ["--set", "args.dataloader_drop_last=true"]))
    #expect(!advice.contains { $0.hasPrefix("clusters: ") })
    let guided = #"loss={"name": "GISTEmbedLoss", "guide": "\#(files.model)"}"#
    advice = Self.advice(try Self.plan(files, "--set", guided))
    #expect(advice.contains { $0.hasPrefix("loss.guide is the model that is trained") })
  }

  @Test func whatCannotRunIsRefused() throws {
    let files = try Self.files(rows: 40, batch: 16)
    for setting in ["args.per_device_train_batch_size=1", "train_dataset.path=/no/such.jsonl"] {
      let outcome = try CommandLineTool.run("plan", Self.path(files), "--set", setting)
      #expect(outcome.status == 1 && outcome.output.isEmpty)
      #expect(outcome.error.split(separator: "\n").count == 1, "\(outcome.error)")
    }
  }

  @Test func textSaysTheSame() throws {
    let files = try Self.files(rows: 40, batch: 16)
    try FileManager.default.createDirectory(
      atPath: files.output + "/final", withIntermediateDirectories: true)
    // A run that is there is no matter.
    let outcome = try CommandLineTool.run("plan", Self.path(files))
    #expect(outcome.status == 0, "\(outcome.error)")
    for word in ["steps    3 in 1 epochs", "at the peak", "activations", "s a step", "tokens/s"] {
      #expect(outcome.output.contains(word), "\(outcome.output)")
    }
  }

  /// Pairs of which every fourth text is longer than the model's 64 tokens.
  private static func files(rows: Int, batch: Int) throws -> RunFiles {
    var files = try RunFiles()
    var args = files.recipe["args"]?.object ?? JSONObject()
    args["per_device_train_batch_size"] = .integer(batch)
    args["warmup_ratio"] = 0.1
    args["save_strategy"] = "no"
    files.recipe["args"] = .object(args)
    let lines = (0..<rows).map { row in
      let tail = String(repeating: " and so on", count: row * 13 % 40)
      return #"{"anchor": "question \#(row)\#(tail)", "positive": "the answer is \#(row)\#(tail)"}"#
    }
    try files.write(lines.joined(separator: "\n"), to: files.data)
    try files.write(JSONValue.object(files.recipe).text(), to: path(files))
    return files
  }

  private static func path(_ files: RunFiles) -> String { files.directory + "/recipe.json" }

  private static func plan(_ files: RunFiles, _ settings: String...) throws -> JSONValue {
    try plan(files, settings)
  }

  private static func plan(_ files: RunFiles, _ settings: [String]) throws -> JSONValue {
    let outcome = try CommandLineTool.run(["plan", path(files), "--json"] + settings)
    #expect(outcome.status == 0, "\(outcome.error)")
    return try JSONValue(parsing: outcome.output)
  }

  private static func advice(_ plan: JSONValue) -> [String] {
    plan["advice"]?.array?.compactMap(\.string) ?? []
  }

  /// The tokens of all texts, none cut.
  private static func lengths(_ files: RunFiles) throws -> [Int] {
    let texts = try String(contentsOfFile: files.data, encoding: .utf8).split(separator: "\n")
      .flatMap { line -> [String] in
        let row = try JSONValue(parsing: String(line))
        return [row["anchor"]?.string ?? "", row["positive"]?.string ?? ""]
      }
    let outcome = try CommandLineTool.run(
      "tokenize", files.model, "--max-length", "4096", input: texts.joined(separator: "\n"))
    return try outcome.output.split(separator: "\n").map {
      try JSONValue(parsing: String($0)).array?.count ?? 0
    }
  }
}
