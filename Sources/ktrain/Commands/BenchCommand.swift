import ArgumentParser
import FoundationEssentials
import Glibc
import JSONValues
import Tensors
import Training

/// `ktrain bench`: steps unless a part of one is named.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measures training on this machine.",
    discussion: """
      Examples:
        ktrain bench MODEL train.jsonl --precision bf16
        ktrain bench loss --rows 20000
      """,
    subcommands: [BenchStepCommand.self, BenchLossCommand.self],
    defaultSubcommand: BenchStepCommand.self)
}

/// `ktrain bench step`.
struct BenchStepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "step", abstract: "Measures training steps.",
    discussion: """
      Alone it prints one JSON object. With --peer it alternates with a script that takes the same \
      steps elsewhere (Tests/TrainingTests/Benchmarks/peer_step.py) and prints a table of medians.

      Example:
        ktrain bench MODEL train.jsonl --batch-size 64 --steps 3 --peer "python peer_step.py"
      """)

  @Argument(help: "The model's directory.")
  var model: String

  @Argument(help: "Pairs or triplets, JSONL.")
  var data: String

  @Option(help: "Rows of a batch.")
  var batchSize = 128

  @Option(help: "Steps that are counted; one more goes first.")
  var steps = 3

  @Option(help: "Texts are cut to so many tokens; default: the model's own.")
  var maxSeqLength: Int?

  @Option(help: "The probability of dropout; default: the model's own.")
  var dropout: Double?

  @Option(help: "What tensors may take, such as 2GiB; default: most of what is free.")
  var memory: String?

  @Option(help: "How activations are stored: fp32, bf16 or fp16.")
  var precision = "fp32"

  @OptionGroup var pool: ThreadOptions

  @Option(
    help: ArgumentHelp(
      "What to compare with, such as '.venv/bin/python peer_step.py'.",
      valueName: "command"))
  var peer: String?

  @Option(help: "How often each side runs, with --peer.")
  var rounds = 3

  func validate() throws {
    guard ElementType(rawValue: precision) != nil else {
      throw ValidationError("--precision: expected fp32, bf16 or fp16, found \(precision)")
    }
    guard (0..<1).contains(dropout ?? 0) else {
      throw ValidationError("--dropout: expected a number from 0 to below 1, found \(dropout ?? 0)")
    }
    if let memory, ByteCount(memory) == nil {
      throw ValidationError("--memory: expected an amount such as 2GiB or 500MB, found \(memory)")
    }
    guard batchSize >= 1, steps >= 1, rounds >= 1 else {
      throw ValidationError("--batch-size, --steps and --rounds: expected 1 or more")
    }
  }

  func run() throws {
    let directory = FileManager.default.temporaryDirectory.path + "/ktrain-bench-\(getpid())"
    let benchmark = try StepBenchmark(try settings(), outputDirectory: directory)
    defer {  // scratch; may not exist yet
      for path in [directory, directory + ".store"] {
        try? FileManager.default.removeItem(atPath: path)
      }
    }
    guard let peer else {
      print(try benchmark.measure().text())
      return
    }
    try compare(benchmark, with: peer, scratch: directory + ".json")
  }

  private func settings() throws -> StepBenchmark.Settings {
    var settings = StepBenchmark.Settings(model: model, data: data)
    (settings.batchSize, settings.steps, settings.threads) = (batchSize, steps, pool.threads)
    (settings.maxSequenceLength, settings.dropout) = (maxSeqLength, dropout)
    settings.precision = ElementType(rawValue: precision) ?? .fp32
    settings.memory = memory.flatMap(ByteCount.init)
    return settings
  }

  /// Runs both sides in turn, each in a process of its own, so that neither's memory is the other's.
  private func compare(_ benchmark: StepBenchmark, with peer: String, scratch: String) throws {
    try OutputFile.write(benchmark.batches().text(), to: scratch)
    defer { unlink(scratch) }
    var arguments =
      ["--batch-size", "\(batchSize)", "--steps", "\(steps)"]
      + ["--precision", precision]
    if let maxSeqLength { arguments += ["--max-seq-length", "\(maxSeqLength)"] }
    if let dropout { arguments += ["--dropout", "\(dropout)"] }
    let ours =
      ["/proc/self/exe", "bench", "step", model, data, "--threads", "\(pool.threads)"] + arguments
      + (memory.map { ["--memory", $0] } ?? [])
    var (mine, theirs): ([JSONValue], [JSONValue]) = ([], [])
    for round in 1...rounds {
      let binary = try FileManager.default.destinationOfSymbolicLink(atPath: ours[0])
      mine.append(try Subprocess.json(Subprocess.quoted([binary] + ours.dropFirst())))
      let count = mine[0]["threads"]?.integer ?? 1
      theirs.append(
        try Subprocess.json(
          peer + " "
            + Subprocess.quoted(
              ["--model", model, "--data", data, "--batches", scratch, "--threads", "\(count)"]
                + arguments)))
      StandardError.write("round \(round) of \(rounds)\n")
    }
    let rows = [
      ("real tokens/s", "real_tokens_per_second", 0), ("seconds per step", "seconds_per_step", 2),
      ("peak RSS, MiB", "peak_rss_mib", 0),
    ].map { title, key, digits -> [String] in
      let (one, other) = (mine.median(key), theirs.median(key))
      return [
        title, Format.fixed(one, digits), Format.fixed(other, digits),
        Format.fixed(one / other, 2) + "×",
      ]
    }
    print(Format.table([["", "ktrain", "peer", "ratio"]] + rows))
    print(
      """

      matrix products of whole steps: \(Format.fixed(mine.median("step_gflops"), 0)) GFLOP/s, \
      \(Format.fixed(100 * mine.median("share_of_gemm"), 0)) % of what the product alone reaches \
      (\(mine[0]["kernels"]?.string ?? "")); \(pool.threads == 0 ? "all" : "\(pool.threads)") threads, \
      \(steps) steps, \(rounds) rounds each in turn
      """)
  }
}
