import ArgumentParser
import FoundationEssentials
import Glibc
import Ranks
import Reports
import Tensors
import Training

/// `ktrain fit`.
struct FitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit", abstract: "Trains a model as a recipe says.",
    discussion: """
      Writes checkpoints and the final model into the recipe's output_dir. A run that was \
      interrupted goes on where its newest whole checkpoint was saved, and ends as if nothing had \
      happened.

      Examples:
        ktrain fit recipes/quickstart.json
        ktrain fit recipe.json --set args.learning_rate=1e-4 --output-dir checkpoints/lr-1e-4
        ktrain fit recipe.json --resume never
        mpirun -n 4 ktrain fit recipe.json
      """)

  @Argument(help: "The recipe, a JSON file.")
  var recipe: String

  @OptionGroup var overrides: RecipeOverrides

  @Option(
    help: ArgumentHelp(
      "What to continue: the newest whole checkpoint in output_dir (auto), nothing (never), or a "
        + "checkpoint's directory.", valueName: "auto|never|DIR"))
  var resume: String?

  @Flag(
    help: """
      Continue a checkpoint even of another recipe or other data; take steps even if memory seems \
      too small.
      """)
  var force = false

  func run() throws {
    StopSignals.install(
      saying: "\nstopping: a checkpoint is saved; once more to stop at once\n")
    guard let ranks = try RankGroup.join() else { return try fit(overrides.read(recipe), nil) }
    try RankProcess(ranks).run {
      let recipe = try overrides.read(recipe)
      if ranks.rank == 0 { return try fit(recipe, ranks) }
      StopSignals.install(saying: "")  // rank 0 speaks
      try follow(recipe, ranks)
    }
  }

  private func follow(_ recipe: Recipe, _ ranks: RankGroup) throws {
    let follower = RankFollower(ranks, shouldStop: { StopSignals.received != nil }) {
      try TrainingRun(
        recipe, resuming: policy(recipe), isForced: force, ranks: ranks, observer: { _ in })
    }
    try follower.follow()
  }

  private func fit(_ recipe: Recipe, _ ranks: RankGroup?) throws {
    let display = TrainingDisplay()
    func observe(_ event: TrainingEvent) {
      // Before the first step nothing is lost but what the store does not have yet.
      if case .preparing = event, let signal = StopSignals.received {
        ranks?.abort(status: Int(128 + signal))
        leave(signal)
      }
      display.receive(event)
    }
    let run = try TrainingRun(
      recipe, resuming: policy(recipe), isForced: force, ranks: ranks, observer: observe)
    if run.isFinished {
      StandardError.write(
        "already finished: \(recipe.args.outputDir)/final; another --output-dir trains anew\n")
      // If it was killed at its very end, something is left to do.
      try run.removeLeftovers()
      let path = recipe.args.outputDir + "/" + RunReport.fileName
      if !FileManager.default.fileExists(atPath: path) { report(recipe.args.outputDir, display) }
      return
    }
    let ending = try run.run(observer: observe) { StopSignals.received != nil }
    report(recipe.args.outputDir, display)
    if case .stopped(let step, let checkpoint) = ending {
      display.clear()
      let remedy =
        recipe.args.saveOnlyModel
        ? "it holds the model alone (save_only_model) and cannot be continued"
        : "the same command goes on from it"
      StandardError.write(
        "stopped  after step \(step); \(checkpoint.map { "\($0): \(remedy)" } ?? "nothing to save")\n"
      )
      // The signal may have come to another rank.
      throw Interruption(signal: StopSignals.received ?? SIGTERM)
    }
    if let comparison = display.comparison { print(comparison) }
  }

  /// Writes the run's report; that it cannot be written is no reason for a run to fail.
  private func report(_ directory: String, _ display: TrainingDisplay) {
    do {
      let (path, _) = try RunReport.write(of: [directory])
      display.receive(.saved(path: path))
    } catch { display.receive(.notice("there is no report: \(error)")) }
  }

  private func leave(_ signal: Int32) -> Never { Glibc.exit(128 + signal) }

  private func policy(_ recipe: Recipe) -> ResumePolicy {
    switch resume ?? recipe.args.resumeFromCheckpoint ?? "auto" {
    case "auto": .auto
    case "never": .never
    case let path: .checkpoint(path)
    }
  }
}

/// The options that change a recipe.
struct RecipeOverrides: ParsableArguments {
  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Sets a field of the recipe, such as args.learning_rate=1e-4; may be repeated.",
      valueName: "key.path=value"))
  var assignments: [String] = []

  @Option(help: "Where the run writes; short for --set args.output_dir=…")
  var outputDir: String?

  @Option(help: "How many threads compute, 0 for all; short for --set runtime.threads=…")
  var threads: Int?

  func validate() throws {
    if let threads { try ThreadOptions.check(threads) }
  }

  /// Reads a recipe with the changes.
  func read(_ path: String) throws -> Recipe {
    var recipe = try Recipe(contentsOf: path, overrides: assignments)
    if let outputDir { recipe.args.outputDir = outputDir }
    if let threads { recipe.runtime.threads = threads }
    return recipe
  }
}
