import ArgumentParser
import Training

/// `ktrain fit`.
struct FitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit", abstract: "Trains a model as a recipe says.",
    discussion: """
      Writes checkpoints and the final model into the recipe's output_dir. A run that was \
      interrupted goes on where its newest whole checkpoint was saved, and ends as if nothing had \
      happened.
      """)

  @Argument(help: "The recipe, a JSON file.")
  var recipe: String

  @OptionGroup var overrides: RecipeOverrides

  @Option(
    help: ArgumentHelp(
      "What to continue: the newest whole checkpoint in output_dir (auto), nothing (never), or a "
        + "checkpoint's directory.", valueName: "auto|never|DIR"))
  var resume: String?

  @Flag(help: "Continue a checkpoint even of another recipe or other data.")
  var force = false

  func run() throws {
    let recipe = try overrides.read(recipe)
    let display = TrainingDisplay()
    let run = try TrainingRun(recipe, resuming: policy(recipe), isForced: force) {
      display.receive($0)
    }
    if run.isFinished {
      StandardError.write(
        "already finished: \(recipe.args.outputDir)/final; another --output-dir trains anew\n")
      return
    }
    try run.run(observer: { display.receive($0) })
    if let comparison = display.comparison { print(comparison) }
  }

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
    if let threads, threads < 0 { throw ValidationError("--threads: expected 0 or more") }
  }

  /// Reads a recipe with the changes.
  func read(_ path: String) throws -> Recipe {
    var recipe = try Recipe(contentsOf: path, overrides: assignments)
    if let outputDir { recipe.args.outputDir = outputDir }
    if let threads { recipe.runtime.threads = threads }
    return recipe
  }
}
