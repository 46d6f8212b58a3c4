import ArgumentParser
import FoundationEssentials
import Glibc
import JSONValues
import Training

/// `ktrain bench`.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measures training steps on this machine.",
    discussion: """
      Alone it prints one JSON object. With --peer it alternates with a script that takes the same \
      steps elsewhere (Tests/TrainingTests/Benchmarks/peer_step.py) and prints a table of medians.
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

  @Option(help: "How many threads compute, 0 for all.")
  var threads = 0

  @Option(
    help: ArgumentHelp(
      "What to compare with, such as '.venv/bin/python peer_step.py'.",
      valueName: "command"))
  var peer: String?

  @Option(help: "How often each side runs, with --peer.")
  var rounds = 3

  func validate() throws {
    guard batchSize >= 1, steps >= 1, threads >= 0, rounds >= 1 else {
      throw ValidationError("--batch-size, --steps and --rounds: expected 1 or more")
    }
  }

  func run() throws {
    let directory = FileManager.default.temporaryDirectory.path + "/ktrain-bench-\(getpid())"
    let benchmark = try StepBenchmark(
      model: model, data: data, batchSize: batchSize, steps: steps,
      maxSequenceLength: maxSeqLength, threads: threads, outputDirectory: directory)
    defer { try? FileManager.default.removeItem(atPath: directory) }  // scratch; may not exist yet
    guard let peer else {
      print(try benchmark.measure().text())
      return
    }
    try compare(benchmark, with: peer, scratch: directory + ".json")
  }

  /// Runs both sides in turn, each in a process of its own, so that neither's memory is the other's.
  private func compare(_ benchmark: StepBenchmark, with peer: String, scratch: String) throws {
    try OutputFile.write(benchmark.batches().text(), to: scratch)
    defer { unlink(scratch) }
    var arguments = ["--batch-size", "\(batchSize)", "--steps", "\(steps)"]
    if let maxSeqLength { arguments += ["--max-seq-length", "\(maxSeqLength)"] }
    let ours = ["/proc/self/exe", "bench", model, data, "--threads", "\(threads)"] + arguments
    var (mine, theirs): ([JSONValue], [JSONValue]) = ([], [])
    for round in 1...rounds {
      let binary = try FileManager.default.destinationOfSymbolicLink(atPath: ours[0])
      mine.append(try Subprocess.json(quoted([binary] + ours.dropFirst())))
      let count = mine[0]["threads"]?.integer ?? 1
      theirs.append(
        try Subprocess.json(
          peer + " "
            + quoted(
              ["--model", model, "--data", data, "--batches", scratch, "--threads", "\(count)"]
                + arguments)))
      StandardError.write("round \(round) of \(rounds)\n")
    }
    let rows = [
      ("real tokens/s", "real_tokens_per_second", 0), ("seconds per step", "seconds_per_step", 2),
      ("peak RSS, MiB", "peak_rss_mib", 0),
    ].map { title, key, digits -> [String] in
      let (one, other) = (median(mine, key), median(theirs, key))
      return [
        title, Format.fixed(one, digits), Format.fixed(other, digits),
        Format.fixed(one / other, 2) + "×",
      ]
    }
    print(Format.table([["", "ktrain", "peer", "ratio"]] + rows))
    print(
      """

      matrix products of whole steps: \(Format.fixed(median(mine, "step_gflops"), 0)) GFLOP/s, \
      \(Format.fixed(100 * median(mine, "share_of_gemm"), 0)) % of what the product alone reaches \
      (\(mine[0]["kernels"]?.string ?? "")); \(threads == 0 ? "all" : "\(threads)") threads, \
      \(steps) steps, \(rounds) rounds each in turn
      """)
  }

  private func median(_ results: [JSONValue], _ key: String) -> Double {
    let values = results.compactMap { $0[key]?.double }.sorted()
    return values.isEmpty ? .nan : values[values.count / 2]
  }

  private func quoted(_ arguments: [String]) -> String {
    arguments.map { "'" + $0.replacing("'", with: "'\\''") + "'" }.joined(separator: " ")
  }
}

/// Programs that are run for what they print.
private enum Subprocess {
  /// Runs a shell command and reads the last line that it prints as JSON.
  static func json(_ command: String) throws -> JSONValue {
    guard let pipe = popen(command, "r") else {
      throw InputError("cannot run \(command): \(String(cString: strerror(errno)))")
    }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 {
      output += buffer[..<count]
    }
    let status = pclose(pipe)
    guard status == 0 else { throw InputError("status \(status) from \(command)") }
    let line = output.split(separator: 0x0A).last ?? []
    do { return try JSONValue(parsing: line) } catch {
      throw InputError("no JSON object from \(command): \(error)")
    }
  }
}
