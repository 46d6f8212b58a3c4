import Foundation
import JSONValues
import TestSupport
import Testing

/// One run on several ranks, started by OpenMPI's `mpirun`, here on one machine.
@Suite(.serialized, .enabled(if: CommandLineTool.mpirun != nil, "mpirun is not installed"))
struct RankTests {
  struct Variant: CustomTestStringConvertible, Sendable {
    let name: String
    /// How far losses may be off, relative; gradients' norms ten times as far.
    var tolerance = 1e-6
    let changes: @Sendable (inout RunFiles) -> Void
    var testDescription: String { name }
  }

  static let variants = [
    Variant(name: "MNRL") { _ in },
    Variant(name: "CachedMNRL") {
      $0.recipe["loss"] = ["name": "CachedMultipleNegativesRankingLoss", "mini_batch_size": 3]
    },
    Variant(name: "CachedGIST from clusters") { files in
      files.recipe["loss"] = [
        "name": "CachedGISTEmbedLoss", "guide": .string(files.model), "mini_batch_size": 8,
      ]
      files.recipe["clusters"] = ["column": "positive", "encoder": .string(files.model), "k": 4]
    },
    Variant(name: "gradient accumulation, fp16", tolerance: 1e-4) { files in
      files.setArgument("gradient_accumulation_steps", 2)
      files.setArgument("fp16", true)
    },
  ]

  /// 12 steps with dropout.
  private func files(_ variant: Variant) throws -> RunFiles {
    var files = try RunFiles.ofCurve()
    for (name, value) in [
      "max_steps": 12, "per_device_train_batch_size": 16, "batch_sampler": "no_duplicates",
      "learning_rate": 2e-5, "logging_steps": 1, "save_steps": 4, "eval_strategy": "steps",
      "eval_steps": 6,
    ] as [String: JSONValue] { files.setArgument(name, value) }
    variant.changes(&files)
    return files
  }

  /// Trains on two ranks and sends rank 1 a signal as soon as a file is there.
  private func fitting(
    _ files: RunFiles, sending signal: Int32, after file: String
  ) throws -> (Process, error: String) {
    let log = files.directory + "/stderr"
    let process = try CommandLineTool.start(files.fitting(), ranks: 2, error: log)
    while process.isRunning, !FileManager.default.fileExists(atPath: files.output + "/" + file) {
      Thread.sleep(forTimeInterval: 0.002)
    }
    kill(try #require(CommandLineTool.processes(ofRank: 1).first), signal)
    process.waitUntilExit()
    return (process, try String(contentsOfFile: log, encoding: .utf8))
  }

  private func log(_ directory: String) throws -> [JSONObject] {
    try String(contentsOfFile: directory + "/log.jsonl", encoding: .utf8).split(separator: "\n")
      .compactMap { try JSONValue(parsing: String($0)).object }
  }

  private func embeddings(_ model: String) throws -> [[Double]] {
    let texts = (0..<20).map { "a text of number \($0) and some words more" }.joined(
      separator: "\n")
    let outcome = try CommandLineTool.run("encode", model, input: texts)
    return try outcome.output.split(separator: "\n").map { line in
      let value = try JSONValue(parsing: String(line))
      return (value["embedding"] ?? value).numbers
    }
  }

  /// The losses are those of one rank to 1e-6, and so are metrics and the model.
  @Test(arguments: variants, [2, 4])
  func theRunIsThatOfOneRank(variant: Variant, count: Int) throws {
    let files = try files(variant)
    let alone = files.directory + "/alone"
    let first = try files.fit("--output-dir", alone)
    #expect(first.status == 0, "\(first.error)")
    try FileManager.default.removeItem(atPath: files.store)
    let outcome = try CommandLineTool.run(files.fitting(), ranks: count)
    #expect(outcome.status == 0, "\(outcome.error)")

    let (found, expected) = (try log(files.output), try log(alone))
    #expect(found.count == expected.count && found.count > 13)
    for (found, expected) in zip(found, expected) where expected["train_runtime"] == nil {
      #expect(found.keys == expected.keys)
      for (key, value) in expected.members {
        guard let value = value.double, let other = found[key]?.double else { continue }
        let tolerance = variant.tolerance * (key == "grad_norm" ? 10 : 1)
        expectClose(
          [other], [value], relative: tolerance, absolute: 1e-9,
          "\(key) at step \(expected["step"] ?? nil)")
      }
    }
    for (a, b) in zip(try embeddings(files.output + "/final"), try embeddings(alone + "/final")) {
      let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
      let norms = [a, b].map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
      #expect(product / (norms[0] * norms[1]) > 0.999999)
    }
  }

  /// Without `gather_across_devices` a rank's rows are compared among themselves: the loss is the mean
  /// of what one rank has for each half of the rows.
  @Test func ranksApartHaveNegativesOfTheirOwn() throws {
    var files = try RunFiles()
    files.recipe["model"] = ["path": .string(files.model), "dropout": 0]
    for (name, value) in [
      "max_steps": 1, "batch_sampler": "no_duplicates", "batch_order": "sequential",
      "per_device_train_batch_size": 12, "learning_rate": 0,
    ] as [String: JSONValue] { files.setArgument(name, value) }
    func loss(_ arguments: [String], ranks: Int? = nil) throws -> Double {
      let all = try files.fitting(arguments)
      let outcome =
        try ranks.map { try CommandLineTool.run(all, ranks: $0) } ?? CommandLineTool.run(all)
      #expect(outcome.status == 0, "\(outcome.error)")
      return try #require(try log(files.output).first?["loss"]?.double)
    }
    func clear() throws { try FileManager.default.removeItem(atPath: files.output) }
    let apart = try loss(["--set", "loss.gather_across_devices=false"], ranks: 2)
    try clear()
    let together = try loss([], ranks: 2)
    try clear()
    let rows = try String(contentsOfFile: files.data, encoding: .utf8).split(separator: "\n")
    files.setArgument("per_device_train_batch_size", 6)
    var halves: [Double] = []
    for half in [rows[..<6], rows[6...]] {
      try files.write(half.joined(separator: "\n"), to: files.data)
      halves.append(try loss([]))
      try clear()
    }
    expectClose([apart], [(halves[0] + halves[1]) / 2], relative: 1e-6, absolute: 0, "loss")
    #expect(together > apart + 0.1)
  }

  /// A rank that is killed ends the run, and the run goes on exactly: with as many ranks bit for
  /// bit, with one rank to rounding.
  @Test func aKilledRankEndsTheRunAndItGoesOn() throws {
    let files = try files(Self.variants[0])
    let straight = files.directory + "/straight"
    let whole = try CommandLineTool.run(files.fitting(["--output-dir", straight]), ranks: 2)
    #expect(whole.status == 0, "\(whole.error)")

    let (process, text) = try fitting(files, sending: SIGKILL, after: "checkpoint-4/manifest.json")
    #expect(process.terminationStatus != 0)
    #expect(text.contains("rank 1"), "\(text)")

    let copy = files.directory + "/copy"
    try FileManager.default.copyItem(atPath: files.output, toPath: copy)
    let last = try CommandLineTool.run(files.fitting(), ranks: 2)
    #expect(last.status == 0 && last.error.contains("resumed  "), "\(last.error)")
    try expectSameRuns(files.output, straight, "two ranks")
    let alone = try files.fit("--output-dir", copy)
    #expect(alone.status == 0 && alone.error.contains("resumed  "), "\(alone.error)")
    for (found, expected) in zip(try self.log(copy), try self.log(straight)) {
      guard let loss = expected["loss"]?.double else { continue }
      expectClose([found["loss"]?.double ?? 0], [loss], relative: 1e-6, absolute: 0, "loss")
    }
  }

  @Test func aRankThatLagsIsNamed() throws {
    var files = try files(Self.variants[0])
    files.setArgument("ddp_timeout", 2)
    files.setArgument("max_steps", 2000)
    let (process, text) = try fitting(files, sending: SIGSTOP, after: "checkpoint-4/manifest.json")
    let line = try #require(text.split(separator: "\n").first { $0.contains("ktrain: error:") })
    #expect(
      line.contains("rank 1 on ") && line.contains("did not come") && line.contains("within 2 s"),
      "\(text)")
    #expect(process.terminationStatus == 1)
  }

  @Test func aSignalSavesACheckpoint() throws {
    var files = try files(Self.variants[0])
    files.setArgument("max_steps", 2000)
    files.setArgument("save_strategy", "no")
    let log = files.directory + "/stderr"
    let process = try CommandLineTool.start(files.fitting(), ranks: 2, error: log)
    while process.isRunning,
      ((try? self.log(files.output)) ?? []).count < 5
    {
      Thread.sleep(forTimeInterval: 0.01)
    }
    // One rank alone is told, as a scheduler tells a machine that it will be taken away.
    let told = try #require(CommandLineTool.processes(ofRank: 1).first)
    kill(told, SIGTERM)
    process.waitUntilExit()
    let text = try String(contentsOfFile: log, encoding: .utf8)
    #expect(text.contains("stopped  after step") && text.contains("checkpoint-"), "\(text)")
  }

  @Test func faultsAreSaidOnce() throws {
    let files = try files(Self.variants[0])
    let missing = try CommandLineTool.run(
      files.fitting(["--set", "train_dataset.path=\(files.directory)/nothing"]), ranks: 2)
    #expect(missing.status == 1)
    #expect(missing.error.components(separatedBy: "ktrain: error:").count == 2, "\(missing.error)")
    let other = try CommandLineTool.run(["eval", files.model, files.directory], ranks: 2)
    #expect(
      other.status == 1 && other.error.contains("eval runs in one process"), "\(other.error)")
  }
}

extension CommandLineTool {
  /// OpenMPI's launcher; nil if it is not installed.
  static let mpirun: String? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { "\($0)/mpirun" }.first(where: FileManager.default.isExecutableFile)
  }()

  /// The tool on several ranks of one thread each, not started yet.
  private static func process(_ arguments: [String], ranks: Int) -> Process {
    let process = process([])
    let tool = process.executableURL?.path ?? ""
    process.executableURL = URL(filePath: mpirun ?? "")
    process.arguments =
      ["-n", String(ranks), "--oversubscribe", "--bind-to", "none", tool] + arguments
      + (arguments.first == "fit" ? ["--threads", "1"] : [])
    var environment = ProcessInfo.processInfo.environment
    for (name, value) in [
      // It asks for these where the tests run as root, as they do in containers.
      "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
      // Containers forbid a process to read another's memory.
      "OMPI_MCA_btl_vader_single_copy_mechanism": "none",
    ] { environment[name] = value }
    process.environment = environment
    return process
  }

  static func run(_ arguments: [String], ranks: Int) throws -> Outcome {
    try outcome(of: process(arguments, ranks: ranks))
  }

  static func start(_ arguments: [String], ranks: Int, error path: String) throws -> Process {
    try start(process(arguments, ranks: ranks), error: path)
  }

  /// The processes that are a rank of something.
  static func processes(ofRank rank: Int) throws -> [pid_t] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { name in
      guard let process = pid_t(name),
        let environment = try? String(contentsOfFile: "/proc/\(name)/environ", encoding: .utf8),
        environment.split(separator: "\0").contains("OMPI_COMM_WORLD_RANK=\(rank)")
      else { return nil }
      return process
    }
  }
}
