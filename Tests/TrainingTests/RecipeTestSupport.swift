import Foundation
import JSONValues
import Testing
import Training

/// A JSON file of the fixtures.
func recipeFixture(_ name: String) throws -> JSONValue {
  let url = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil))
  return try JSONValue(parsing: Data(contentsOf: url))
}

/// The smallest recipe, with `args` as given.
func smallRecipe(args: JSONValue = [:]) -> JSONValue {
  [
    "model": "models/tiny", "train_dataset": ["path": "train.jsonl"],
    "loss": ["name": "MultipleNegativesRankingLoss"], "args": args,
  ]
}

/// What a recipe's error says; nil if the recipe is accepted.
func complaint(of read: () throws -> Recipe) throws -> String? {
  do {
    _ = try read()
    return nil
  } catch let error as RecipeError {
    return error.description
  }
}

/// Runs a test with a recipe file of the given name and text, in a directory of its own.
func withRecipeFile<Result>(
  _ text: String, named name: String = "tiny.json", _ body: (String) throws -> Result
) throws -> Result {
  let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: directory) }
  let file = directory.appending(path: name)
  try Data(text.utf8).write(to: file)
  return try body(file.path)
}
