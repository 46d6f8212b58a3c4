import ArgumentParser
import JSONValues
import Training

/// `ktrain recipe`.
struct RecipeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recipe", abstract: "Checks recipes and makes them from model cards.",
    subcommands: [Check.self, ImportCard.self, Schema.self])

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check",
      abstract: "Checks a recipe against its files: all that `fit` would do before its first step.")

    @Argument(help: "The recipe, a JSON file.")
    var recipe: String

    @OptionGroup var overrides: RecipeOverrides

    func run() throws {
      let recipe = try overrides.read(recipe)
      let summary = try TrainingRun(recipe, isRehearsal: true).summary
      let datasets = summary.datasets.map { dataset in
        """
        \(dataset.name.map { $0 + ": " } ?? "")\(Format.grouped(dataset.rowCount)) rows of \
        \(dataset.columns.joined(separator: ", ")), \
        \(Format.grouped(dataset.negativesPerAnchor)) negatives for each anchor
        """
      }
      print(
        """
        ok: \(datasets.joined(separator: "; ")); \(Format.grouped(summary.plan.totalSteps)) steps \
        (\(summary.plan.warmupSteps) warm-up)
        """)
      if !summary.argumentsWithoutEffect.isEmpty {
        print("no effect here: \(summary.argumentsWithoutEffect.joined(separator: ", "))")
      }
    }
  }

  struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "schema", abstract: "Prints the JSON Schema of recipes.")

    func run() throws { print(Recipe.schema().text(indent: 2)) }
  }
}
