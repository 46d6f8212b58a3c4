import ArgumentParser
import Checkpoints
import FoundationEssentials
import Glibc
import Training

/// `ktrain sweep`.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Trains a family of recipes over several seeds and compares them.",
    discussion: """
      SWEEP names a recipe, the fields that each run changes in it, and the seeds. Every run is a \
      process of its own, `ktrain fit RECIPE --set …`, so that its memory can be measured and its \
      command repeated by hand. What was stopped goes on with the same command; runs that are done \
      are left alone. The table is printed, and kept in output_dir with a plot of its first metric \
      and all numbers: table.md, plot.svg, results.json.

      Example: ktrain sweep recipes/gist-sweep/sweep.json --set train_dataset.limit=2000 \
      --output-dir /tmp/sweep
      """)

  @Argument(help: "The sweep, a JSON file; see recipes/README.md.")
  var sweep: String

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Sets a field of the recipe in all runs; may be repeated.", valueName: "key.path=value"))
  var assignments: [String] = []

  @Option(help: "Where runs and results are written; default: what the sweep says.")
  var outputDir: String?

  @Option(help: "The seeds, with commas between them; default: the sweep's.")
  var seeds: String?

  @Flag(help: "Print the table of what is done, and train nothing.")
  var table = false

  func run() throws {
    var sweep = try Sweep(contentsOf: sweep)
    if let outputDir { sweep.outputDir = outputDir }
    if let seeds { sweep.seeds = try numbers(seeds) }
    let members = try sweep.members(settings: assignments)
    if !table {
      try FileManager.default.createDirectory(
        atPath: sweep.outputDir, withIntermediateDirectories: true)
    }
    var results = try SweepResults(directory: sweep.outputDir)
    if !table {
      try results.check(members)
      StopSignals.install(saying: "")
      for making in sweep.make {
        try make(sweep.inserted(making.file), by: making.by.map(sweep.inserted))
      }
      for (index, member) in members.enumerated() where results.result(of: member) == nil {
        StandardError.write(
          "sweep    run \(index + 1) of \(members.count): \(member.run), seed \(member.seed)\n")
        let peak = try ktrain(
          ["fit", sweep.recipe] + member.settings.flatMap { ["--set", $0] }, doing: member.run)
        try results.add(member, peakBytes: peak)
        try write(SweepTable(sweep, members, results), of: sweep)
      }
    }
    print(Format.table(cells(of: SweepTable(sweep, members, results))))
  }

  private func numbers(_ text: String) throws -> [Int] {
    try text.split(separator: ",").map { part in
      guard let number = Int(part), number >= 0 else {
        throw ValidationError("--seeds: expected whole numbers with commas, found \"\(text)\"")
      }
      return number
    }
  }

  private func make(_ file: String, by arguments: [String]) throws {
    guard !FileManager.default.fileExists(atPath: file) else { return }
    StandardError.write("sweep    making \(file)\n")
    _ = try ktrain(arguments, doing: file)
    guard FileManager.default.fileExists(atPath: file) else {
      throw InputError(
        "\(file) is not there after ktrain \(arguments.joined(separator: " ")): the command in "
          + "make.by has to write make.file")
    }
  }

  /// Runs this program with other arguments.
  ///
  /// - Returns: The most bytes that were resident.
  private func ktrain(_ arguments: [String], doing: String) throws -> Int {
    let child = try ChildProcess("/proc/self/exe", [CommandLine.arguments[0]] + arguments)
    let ending = child.wait(passingOn: { StopSignals.received })
    if let signal = StopSignals.received { Glibc.exit(128 + signal) }
    guard ending.status == 0 else {
      throw InputError("\(doing) ended with status \(ending.status); the same command goes on")
    }
    return ending.peakBytes
  }

  private func write(_ table: SweepTable, of sweep: Sweep) throws {
    let rows = cells(of: table).map { "| " + $0.joined(separator: " | ") + " |" }
    let rule = "|---" + String(repeating: "|--:", count: table.metrics.count + 3) + "|"
    let text = ([rows[0], rule] + rows.dropFirst()).joined(separator: "\n") + "\n"
    try AtomicFile.write(text, to: sweep.outputDir + "/table.md")
    if let plot = table.plot {
      try AtomicFile.write(plot, to: sweep.outputDir + "/plot.svg")
    }
  }

  private func cells(of table: SweepTable) -> [[String]] {
    let head = ["run"] + table.metrics + ["seeds", "time", "memory"]
    return [head]
      + table.rows.map { row in
        [row.name]
          + row.metrics.map { cell in
            guard let cell else { return "–" }
            let spread = cell.deviation.map { " ± \(Format.fixed($0, 4))" } ?? ""
            return Format.fixed(cell.mean, 4) + spread
          }
          + [
            row.seconds == nil ? "–" : String(row.seedCount),
            row.seconds.map(Format.duration) ?? "–", row.peakBytes.map(Format.bytes) ?? "–",
          ]
      }
  }
}
