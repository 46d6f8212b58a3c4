import ArgumentParser
import JSONValues
import Training

/// `ktrain recipe`.
struct RecipeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recipe", abstract: "Checks recipes and makes them from model cards.",
    discussion: """
      Examples:
        ktrain recipe import README.md --output recipe.json
        ktrain recipe check recipe.json
        ktrain recipe schema > recipe.schema.json
      """,
    subcommands: [Check.self, ImportCard.self, Schema.self])

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check",
      abstract: "Checks a recipe against its files: all that `fit` would do before its first step.",
      discussion: """
        Example:
          ktrain recipe check recipe.json --set args.max_steps=100
        """)

    @Argument(help: "The recipe, a JSON file.")
    var recipe: String

    @OptionGroup var overrides: RecipeOverrides

    func run() throws {
      let recipe = try overrides.read(recipe)
      let summary = try TrainingRun(recipe, isRehearsal: true).summary
      let datasets = summary.datasets.map(RunLines.data)
      print(
        """
        ok: \(datasets.joined(separator: "; ")); \(Format.grouped(summary.plan.totalSteps)) steps \
        (\(summary.plan.warmupSteps) warm-up)
        """)
      for note in summary.notes { print("note: \(note)") }
      if !summary.argumentsWithoutEffect.isEmpty {
        print("no effect here: \(summary.argumentsWithoutEffect.joined(separator: ", "))")
      }
    }
  }

  struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "schema", abstract: "Prints the JSON Schema of recipes.",
      discussion: """
        Example:
          ktrain recipe schema > recipe.schema.json
        """)

    func run() throws { print(Recipe.schema().text(indent: 2)) }
  }
}
