import ArgumentParser
import Training

/// `ktrain fit`.
struct FitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit", abstract: "Trains a model as a recipe says.",
    discussion: "Writes checkpoints and the final model into the recipe's output_dir.")

  @Argument(help: "The recipe, a JSON file.")
  var recipe: String

  @OptionGroup var overrides: RecipeOverrides

  func run() throws {
    let recipe = try overrides.read(recipe)
    let display = TrainingDisplay()
    let run = try TrainingRun(recipe) { display.receive($0) }
    try run.run { display.receive($0) }
    if let comparison = display.comparison { print(comparison) }
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
