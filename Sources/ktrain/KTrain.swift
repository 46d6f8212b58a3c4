import ArgumentParser
import Glibc
import Reports

/// The command line: parsing, and how errors leave.
@main
struct KTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ktrain",
    abstract: "Fine-tunes text-embedding encoders with contrastive losses.",
    version: ToolVersion.current,
    subcommands: [
      FitCommand.self, ReportCommand.self, PlanCommand.self, EvalCommand.self, EncodeCommand.self,
      TokenizeCommand.self,
      MineCommand.self, ClusterCommand.self, RecipeCommand.self, ModelCommand.self,
      BenchCommand.self,
    ])

  /// Runs the command.
  ///
  /// Exit status 1 if the input or the environment is at fault, with one line on standard error; 2
  /// if the command line is.
  static func main() {
    signal(SIGPIPE, SIG_DFL)  // `ktrain … | head` ends quietly
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch { leave(error) }
  }

  private static func leave(_ error: any Error) -> Never {
    let status = exitCode(for: error)
    if status == .success {  // help or version was asked for
      print(fullMessage(for: error))
      Glibc.exit(0)
    }
    if status == .validationFailure {
      StandardError.write(fullMessage(for: error) + "\n")
      Glibc.exit(2)
    }
    let line = String(describing: error).split(whereSeparator: \.isNewline).joined(separator: " ")
    StandardError.write("ktrain: error: \(line)\n")
    Glibc.exit(1)
  }
}
