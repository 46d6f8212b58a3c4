import Foundation
import JSONValues
import Testing
import Training

/// The recipes that come with ktrain.
@Suite struct RecipesFolderTests {
  static let names = [
    "bge-m3-ko", "ko-small", "koe5", "kure-v1", "multilingual-e5-small-ko", "quickstart",
  ]

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../recipes").standardized.path

  @Test func allAreKnownHere() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
      .filter { $0.hasSuffix(".json") }
    #expect(files.sorted() == Self.names.map { $0 + ".json" })
  }

  @Test(arguments: names) func readsAndCanBeTrained(_ name: String) throws {
    let found = try complaint {
      let recipe = try Recipe(contentsOf: "\(Self.folder)/\(name).json")
      try recipe.validateForTraining()
      return recipe
    }
    #expect(found == nil)
  }

  @Test func everyRunOfTheSweepCanBeTrained() throws {
    var sweep = try Sweep(contentsOf: Self.folder + "/gist-sweep/sweep.json")
    #expect(sweep.recipe == "recipes/gist-sweep/base.json")
    sweep.recipe = Self.folder + "/gist-sweep/base.json"
    for member in try sweep.members() {
      try Recipe(contentsOf: sweep.recipe, overrides: member.settings).validateForTraining()
    }
  }

  /// What the cards say, as numbers.
  @Test(arguments: [
    ("bge-m3-ko", 32768, 3e-5, 3.0, 8192), ("koe5", 512, 1e-5, 1, 512),
    ("multilingual-e5-small-ko", 20000, 2.5e-4, 3, 512),
  ])
  func hasTheCardsNumbers(
    _ name: String, batch: Int, learningRate: Double, epochs: Double, length: Int
  ) throws {
    let recipe = try Recipe(contentsOf: "\(Self.folder)/\(name).json")
    #expect(recipe.args.trainBatchSize == batch && recipe.args.learningRate == learningRate)
    #expect(recipe.args.numTrainEpochs == epochs && recipe.model.maxSeqLength == length)
    #expect(recipe.args.batchSampler == .noDuplicates && recipe.notes != nil)
    let isOld = name != "multilingual-e5-small-ko"
    #expect((recipe.args.batchOrder == .sequential) == isOld)
  }
}
