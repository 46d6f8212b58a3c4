import Checkpoints
import Encoders
import Foundation
import JSONValues
import TestSupport
import Training

extension FuzzTarget {
  static let recipes = [
    FuzzTarget(
      name: "recipe", file: "recipe.json",
      more: fixtures("recipe_example.json", of: "TrainingTests"),
      parse: { path in
        let recipe = try Recipe(contentsOf: path)
        guard try Recipe(recipe.resolved()).resolved() == recipe.resolved() else {
          throw Finding("a recipe that was resolved reads as another one")
        }
        try recipe.validateForTraining()
        let plan = RunPlan(batchesPerEpoch: 7, arguments: recipe.args)
        blackHole(plan.totalSteps)
      }, faults: [RecipeError.self]),
    FuzzTarget(
      name: "card", file: "README.md",
      more: fixtures(
        "cards/README.md", "cards/joined.txt", "cards/prose.txt", "cards/rendered.txt",
        of: "TrainingTests"),
      parse: { path in
        let card = try CardRecipe(contentsOf: path)
        guard (try? Recipe(card.recipe)) != nil else {
          throw Finding("a recipe was made that does not read")
        }
      }, faults: [RecipeError.self]),
    state("training_state.json"), state("trainer_state.json"),
  ]

  /// One of the two files of a checkpoint that say where a run stands, the other one good.
  private static func state(_ file: String) -> FuzzTarget {
    let name = String(file.dropLast(".json".count))
    return FuzzTarget(
      name: name, file: file,
      parse: { path in
        let value = try ConfigurationFile(contentsOf: path).value
        let isTraining = name == "training_state"
        let checkpoint = try SavedCheckpoint(
          path: path, trainingState: isTraining ? value : goodState.training,
          trainerState: isTraining ? goodState.trainer : value)
        blackHole(checkpoint.log.count)
      }, faults: [EncoderError.self, RunError.self])
  }

  private static let goodState: (training: JSONValue, trainer: JSONValue) = {
    func read(_ name: String) -> JSONValue {
      let bytes = try? fixture("\(name)/good.json", of: "FuzzTests")
      return (try? JSONValue(parsing: bytes ?? [])) ?? nil
    }
    return (read("training_state"), read("trainer_state"))
  }()
}
