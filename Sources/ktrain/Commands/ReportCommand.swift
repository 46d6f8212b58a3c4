import ArgumentParser
import Reports

/// `ktrain report`.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Shows a run, or several beside each other, in one HTML file.",
    discussion: """
      The file needs nothing else and no network: curves of loss, learning rate, gradient and \
      metrics, time and memory, the data, the recipe with what differs from the defaults, digests \
      and the machine. It is made of what the run has written, also while the run goes on; a run of \
      transformers' trainer can be read, too. fit writes it at its end.

      Examples:
        ktrain report checkpoints/quickstart
        ktrain report checkpoints/a checkpoints/b --output comparison.html
      """)

  @Argument(help: "The directories of runs: the output_dir of their recipes.")
  var runs: [String]

  @Option(
    name: .shortAndLong,
    help: "The file; default: report.html in the run's directory, or here if there are several.")
  var output: String?

  func run() throws {
    let (path, remarks) = try RunReport.write(of: runs, to: output)
    for remark in remarks { StandardError.write("note     \(remark)\n") }
    print(path)
  }
}
