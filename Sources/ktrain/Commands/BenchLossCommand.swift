import ArgumentParser
import FoundationEssentials
import JSONValues
import Training

/// `ktrain bench loss`.
struct BenchLossCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loss",
    abstract: "Measures the loss stage of a cached GIST loss on made-up embeddings.",
    discussion: """
      Alone it prints one JSON object. With --peer it alternates with a script that computes the same \
      elsewhere (Tests/TrainingTests/Benchmarks/peer_loss.py) and prints a table of medians.

      Example:
        ktrain bench loss --rows 2048 --peer "python peer_loss.py"
      """)

  @Option(help: "Pairs in the batch.")
  var rows = 20_000

  @Option(help: "The width of the embeddings of student and guide.")
  var dimension = 384

  @Option(help: "How often it is computed.")
  var repetitions = 1

  @OptionGroup var pool: ThreadOptions

  @Option(
    help: ArgumentHelp(
      "What to compare with, such as '.venv/bin/python peer_loss.py'.", valueName: "command"))
  var peer: String?

  @Option(help: "How often each side runs, with --peer.")
  var rounds = 1

  func validate() throws {
    guard rows >= 2, dimension >= 1, repetitions >= 1, rounds >= 1 else {
      throw ValidationError("--rows: expected 2 or more; other numbers: 1 or more")
    }
  }

  func run() throws {
    guard let peer else {
      let benchmark = LossBenchmark(
        rows: rows, dimension: dimension, repetitions: repetitions, threads: pool.threads)
      print(try benchmark.measure().text())
      return
    }
    let binary = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let options = [
      "--rows", "\(rows)", "--dimension", "\(dimension)", "--repetitions", "\(repetitions)",
    ]
    var (mine, theirs): ([JSONValue], [JSONValue]) = ([], [])
    for round in 1...rounds {
      // Each in a process of its own, so that neither's memory is the other's.
      let ours = [binary, "bench", "loss", "--threads", "\(pool.threads)"] + options
      mine.append(try Subprocess.json(Subprocess.quoted(ours)))
      let count = mine[0]["threads"]?.integer ?? 1
      theirs.append(
        try Subprocess.json(peer + " " + Subprocess.quoted(["--threads", "\(count)"] + options)))
      StandardError.write("round \(round) of \(rounds)\n")
    }
    let table = [("seconds", "seconds", 2), ("peak RSS, MiB", "peak_rss_mib", 0)].map {
      title, key, digits -> [String] in
      let (one, other) = (mine.median(key), theirs.median(key))
      return [
        title, Format.fixed(one, digits), Format.fixed(other, digits),
        Format.fixed(other / one, 2) + "×",
      ]
    }
    print(Format.table([["", "ktrain", "peer", "peer / ktrain"]] + table))
  }
}
