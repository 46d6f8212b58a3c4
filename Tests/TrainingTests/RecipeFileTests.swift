import Foundation
import JSONValues
import Testing
import Training

@Suite struct RecipeFileTests {
  @Test func outputDirectoryFollowsFromTheFilesName() throws {
    let text = smallRecipe().text()
    for (name, directory) in [("ko-base.json", "ko-base"), ("plain", "plain"), (".json", ".json")] {
      let recipe = try withRecipeFile(text, named: name) { try Recipe(contentsOf: $0) }
      #expect(recipe.args.outputDir == "checkpoints/\(directory)")
    }
    let stated = try withRecipeFile(text) {
      try Recipe(contentsOf: $0, overrides: ["args.output_dir=elsewhere"])
    }
    #expect(stated.args.outputDir == "elsewhere")
  }

  @Test func overridesReplaceAndAdd() throws {
    let text = try recipeFixture("recipe_example.json").text()
    let recipe = try withRecipeFile(text) { file in
      try Recipe(
        contentsOf: file,
        overrides: [
          "model.dropout=0", "args.seed=7", "args.seed=8", "runtime.memory=500MB",
          "evaluators[0].name=a=b", "evaluators.0.path=other", "args.fp16=false",
          "eval_dataset.path=dev.jsonl", "train_dataset.columns[2]=hard",
          "args.prompts={\"anchor\": \"q: \"}", "clusters=null", "args.run_name=\"5\"",
        ])
    }
    #expect(recipe.model.path == "models/multilingual-e5-small")
    #expect(recipe.model.dropout == 0)
    #expect(recipe.args.seed == 8)
    #expect(recipe.args.fp16 == false)
    #expect(recipe.args.runName == "5")
    #expect(recipe.args.prompts.prompt(forColumn: "positive") == nil)
    #expect(recipe.runtime.memory?.bytes == 500_000_000)
    #expect(recipe.evalDataset?.values.map(\.paths) == [["dev.jsonl"]])
    #expect(recipe.trainDataset.values.first?.columns == ["anchor", "positive", "hard"])
    #expect(recipe.clusters == nil)
    guard case .informationRetrieval(let evaluator)? = recipe.evaluators.first else {
      Issue.record("no evaluator")
      return
    }
    #expect(evaluator.name == "a=b")
    #expect(evaluator.path == "other")
  }

  @Test(arguments: [
    ("args.seed", "--set args.seed: expected key.path=value, as in args.seed=7"),
    ("=5", "--set =5: expected key.path=value, as in args.seed=7"),
    ("args..seed=5", "--set args..seed=5: expected key.path=value, as in args.seed=7"),
    ("evaluators[0=5", "--set evaluators[0=5: expected key.path=value, as in args.seed=7"),
    (
      "evaluators[1].name=x",
      "--set evaluators[1].name=x: evaluators has no element 1; it has 1, from 0"
    ),
    ("args.seed.x=1", "--set args.seed.x=1: args.seed is 42 and has no member \"x\""),
    ("args.sede=1", "--set: args.sede: unknown key; did you mean \"seed\"?"),
    ("arsg.seed=1", "--set: arsg: unknown key; did you mean \"args\"?"),
    ("model.path=5", "--set: model.path: expected a string that is not empty, found 5"),
  ]) func overridesAtFault(_ override: String, message: String) throws {
    let text = try recipeFixture("recipe_example.json").text()
    let found = try complaint {
      try withRecipeFile(text) { try Recipe(contentsOf: $0, overrides: [override]) }
    }
    #expect(found == message)
  }

  @Test func secretsAreNotRepeated() throws {
    let found = try complaint {
      try withRecipeFile(smallRecipe().text()) {
        try Recipe(contentsOf: $0, overrides: ["args.hub_token=s3cret"])
      }
    }
    #expect(found?.contains("s3cret") == false)
  }

  @Test func faultsOfTheFileNameIt() throws {
    try withRecipeFile("{\n  \"model\": \"m\",\n  \"loss\": tru\n}") { file in
      let found = try complaint { try Recipe(contentsOf: file) }
      #expect(found == "\(file), line 3, column 11: expected a value; found 't'")
    }
    try withRecipeFile(#"{"model": "m", "model": "n"}"#) { file in
      let found = try complaint { try Recipe(contentsOf: file) }
      #expect(found?.contains(#"the name "model" stands twice"#) == true)
    }
    try withRecipeFile("[1]") { file in
      let found = try complaint { try Recipe(contentsOf: file) }
      let expected = #"expected an object with "model", "train_dataset", "loss", found an array"#
      #expect(found == "\(file): \(expected)")
    }
    try withRecipeFile(smallRecipe(args: ["seed": "x"]).text()) { file in
      // The override is not to blame.
      let found = try complaint { try Recipe(contentsOf: file, overrides: ["args.data_seed=1"]) }
      #expect(found == "\(file): args.seed: expected an integer ≥ 0 and ≤ 4294967295, found \"x\"")
    }
  }

  @Test func missingFilesAreNamedByTheirAbsolutePath() throws {
    let current = FileManager.default.currentDirectoryPath
    #expect(
      try complaint { try Recipe(contentsOf: "no/such.json") }
        == "\(current)/no/such.json: cannot be read: No such file or directory")
    #expect(
      try complaint { try Recipe(contentsOf: "/no/such.json") }
        == "/no/such.json: cannot be read: No such file or directory")
    #expect(
      try complaint { try Recipe(contentsOf: "/") } == "/: cannot be read: Is a directory")
  }

  @Test func errorsAreOneLine() throws {
    let long = String(repeating: "x", count: 500) + "\n\u{7}"
    let found = try complaint { try Recipe(smallRecipe(args: ["seed": .string(long)])) }
    #expect(found?.contains("\n") == false)
    #expect((found?.count ?? 0) < 200)
  }

  @Test func codesTellFaultsApart() throws {
    func code(_ args: JSONValue) throws -> RecipeError.Code? {
      do {
        _ = try Recipe(smallRecipe(args: args))
        return nil
      } catch let error as RecipeError {
        return error.code
      }
    }
    #expect(try code(["seed": "x"]) == .wrongType)
    #expect(try code(["seed": -1]) == .invalidValue)
    #expect(try code(["sede": 1]) == .unknownKey)
    #expect(try code(["deepspeed": "x"]) == .unsupported)
    #expect(try code(["fp16": true, "bf16": true]) == .conflict)
    #expect(try code(["fp16": true]) == nil)
  }
}
