import Foundation
import JSONValues
import TestSupport
import Testing

/// `ktrain recipe import` and `ktrain model random` through the binary.
@Suite struct RecipeImportTests {
  private static let cards = Fixture.path("cards", of: "TrainingTests")

  @Test func importWritesARecipeAndListsItsRemarks() throws {
    let outcome = try CommandLineTool.run("recipe", "import", Self.cards + "/rendered.txt")
    #expect(outcome.status == 0)
    let recipe = try JSONValue(parsing: outcome.output)
    #expect(recipe["args"]?["num_train_epochs"] == 3)
    let notes = try #require(recipe["notes"]?.array).compactMap(\.string)
    #expect(outcome.error == notes.map { "note     \($0)\n" }.joined())
    #expect(notes.contains { $0.contains("it says 3 first and 2 later") })
  }

  /// From a card to the first check of the run, with the paths that no card has.
  @Test func whatIsImportedCanBeChecked() throws {
    let files = try RunFiles()
    let path = files.directory + "/imported.json"
    let card = Self.cards + "/README.md"
    var outcome = try CommandLineTool.run("recipe", "import", card, "--output", path, "--all")
    #expect(outcome.status == 0 && outcome.output.isEmpty)
    outcome = try CommandLineTool.run(
      "recipe", "check", path, "--set", "model.path=\(files.model)", "--set",
      "model.max_seq_length=64", "--set", "train_dataset.path=\(files.data)", "--set",
      "args.output_dir=\(files.output)", "--set", "runtime.store=\(files.store)")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.output.contains("12 rows of anchor, positive; "))
    #expect(outcome.output.contains("Loss, 11 negatives for each anchor"))
  }

  @Test func whatIsNoCardIsOneLine() throws {
    let outcome = try CommandLineTool.run("recipe", "import", Self.cards)
    #expect(outcome.status == 1)
    #expect(outcome.error == "ktrain: error: \(Self.cards): cannot be read: Is a directory\n")
    let empty = try Fixture.temporary("empty.md")
    try "# Soup\n".write(toFile: empty, atomically: true, encoding: .utf8)
    let other = try CommandLineTool.run("recipe", "import", empty)
    #expect(other.status == 1 && other.output.isEmpty)
    #expect(other.error.hasPrefix("ktrain: error: \(empty): is no model card: "))
  }

  @Test func randomModelsCanBeUsed() throws {
    let model = Fixture.path("tiny-xlmr", of: "EncodersTests")
    let target = try Fixture.temporary("random")
    let arguments = ["model", "random", model + "/config.json", target, "--max-seq-length", "32"]
    let outcome = try CommandLineTool.run(arguments)
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.output.contains("random weights, xlm-roberta of 2 layers of 32"))
    let vectors = try CommandLineTool.run("encode", target, input: "one text\n")
    let vector = try JSONValue(parsing: vectors.output).numbers
    expectClose(
      [vector.reduce(0) { $0 + $1 * $1 }], [1], relative: 1e-5, absolute: 0, "squared length")
    let again = try CommandLineTool.run(arguments)
    #expect(again.status == 1 && again.error.contains("\(target): is there already"))
    let without = try CommandLineTool.run(
      "model", "random", model + "/config.json", target + "2", "--tokenizer", target + "/1_Pooling")
    #expect(without.status == 1 && without.error.split(separator: "\n").count == 1)
    #expect(try CommandLineTool.run(arguments + ["--pooling", "max"]).status == 2)
  }
}
