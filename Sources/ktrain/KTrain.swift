import ArgumentParser
import Glibc
import Ranks
import Reports

/// The command line: parsing, and how errors leave.
@main
struct KTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ktrain",
    abstract: "Fine-tunes text-embedding encoders with contrastive losses.",
    discussion: """
      A recipe, one JSON file, says what is trained on what and how. From data to a model that is \
      tried by hand:

        ktrain recipe check recipe.json
        ktrain plan recipe.json
        ktrain fit recipe.json
        ktrain eval BASE checkpoints/recipe/final dev
        ktrain search checkpoints/recipe/final texts.txt

      Results go to standard output, progress and faults to standard error. Exit status: 0 done; 1 \
      the input or the environment is at fault; 2 the command line is; 130 or 143 stopped by SIGINT or \
      SIGTERM.
      """,
    version: ToolVersion.current,
    subcommands: [
      FitCommand.self, ReportCommand.self, PlanCommand.self, EvalCommand.self, EncodeCommand.self,
      SearchCommand.self, TokenizeCommand.self, MineCommand.self, ClusterCommand.self,
      SweepCommand.self, RecipeCommand.self, ModelCommand.self, BenchCommand.self,
    ])

  /// Runs the command.
  ///
  /// Exit status 1 if the input or the environment is at fault, with one line on standard error; 2
  /// if the command line is.
  static func main() {
    endWithReader()
    do {
      var command = try parseAsRoot()
      try checkRanks(command)
      try command.run()
    } catch { leave(error) }
  }

  /// Checks that a command that several processes were started for is one that shares its work.
  private static func checkRanks(_ command: any ParsableCommand) throws {
    guard !(command is FitCommand), let count = RankGroup.startedCount, count > 1 else { return }
    let name = type(of: command).configuration.commandName ?? "this command"
    throw InputError(
      "\(name) runs in one process, and \(count) were started: only fit shares its work among ranks"
    )
  }

  /// Lets `ktrain … | head` end quietly, by SIGPIPE as other tools do, also where whoever started us
  /// ignores or blocks the signal.
  private static func endWithReader() {
    signal(SIGPIPE, SIG_DFL)
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
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
    if let interruption = error as? Interruption { Glibc.exit(128 + interruption.signal) }
    report(error)
    Glibc.exit(1)
  }

  /// Writes an error's line.
  ///
  /// - Parameters:
  ///   - error: The error.
  ///   - source: Which of several processes met it; nil if there is but one, or all have.
  static func report(_ error: any Error, from source: String? = nil) {
    StandardError.write("ktrain: error: \(source.map { $0 + ": " } ?? "")\(line(error))\n")
  }

  /// An error on one line that a terminal shows as it is: what it quotes comes from files, which may
  /// hold names of any length and control characters.
  private static func line(_ error: any Error) -> String {
    let text = String(describing: error).unicodeScalars
    let longest = 8000
    let shown = text.prefix(longest).map { $0.properties.generalCategory == .control ? " " : $0 }
    return String(String.UnicodeScalarView(shown)) + (text.count > longest ? " …" : "")
  }
}
