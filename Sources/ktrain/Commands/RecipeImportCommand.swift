import ArgumentParser
import JSONValues
import Training

extension RecipeCommand {
  /// `ktrain recipe import`.
  struct ImportCard: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "import", abstract: "Makes a recipe from a model card.",
      discussion: """
        Reads a README.md, the text of a card's page, or a piece of it with the hyperparameters. \
        What the card does not say, what contradicts and what is left out is listed on standard \
        error, and in the recipe's notes.

        Example:
          ktrain recipe import README.md --output recipe.json
        """)

    @Argument(help: "The model card, a text file.")
    var card: String

    @Option(help: "The recipe to write; default: standard output.")
    var output: String?

    @Flag(help: "Also writes arguments that have the trainer's defaults or no effect here.")
    var all = false

    func run() throws {
      let card = try CardRecipe(contentsOf: card, keepsAll: all)
      for remark in card.remarks { StandardError.write("note     \(remark)\n") }
      let text = card.recipe.text(indent: 2) + "\n"
      if let output { try OutputFile.write(text, to: output) } else { print(text, terminator: "") }
    }
  }
}
