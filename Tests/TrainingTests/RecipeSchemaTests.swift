import JSONValues
import Testing
import Training

/// What of the schema can be seen here; check_recipe_schema.py holds it against jsonschema.
@Suite struct RecipeSchemaTests {
  @Test func blocksHaveTheMembersOfTheResolvedRecipe() throws {
    let schema = Recipe.schema()
    #expect(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema")
    #expect(schema["required"] == ["model", "train_dataset", "loss"])
    let resolved = try Recipe(recipeFixture("recipe_example.json")).resolved()
    try expectMembers(of: schema, to: resolved)
    try expectMembers(of: #require(schema["properties"]?["args"]), to: #require(resolved["args"]))
    try expectMembers(
      of: #require(schema["properties"]?["runtime"]), to: #require(resolved["runtime"]))
  }

  @Test func everyNameOfArgsIsThere() throws {
    let properties = Recipe.schema()["properties"]?["args"]?["properties"]?.object
    let missing = TrainingArguments.knownNames.filter { properties?[$0] == nil }
    #expect(missing == [])
  }

  @Test func noBlockTakesUnknownMembers() {
    var count = 0
    func visit(_ schema: JSONValue) {
      if let properties = schema["properties"] {
        #expect(schema["additionalProperties"] == false)
        for value in properties.object?.values ?? [] { visit(value) }
        count += 1
      }
      for value in schema.object?.values ?? [] where value["properties"] == nil { visit(value) }
      for value in schema.array ?? [] { visit(value) }
    }
    visit(Recipe.schema())
    #expect(count >= 12)
  }

  @Test func fieldsSayTheirBoundsAndDefaults() throws {
    let args = try #require(Recipe.schema()["properties"]?["args"]?["properties"])
    #expect(
      args["learning_rate"]?.text() == #"{"type": "number", "minimum": 0.0, "default": 5e-05}"#)
    #expect(
      args["adam_beta1"]?.text()
        == #"{"type": "number", "minimum": 0.0, "exclusiveMaximum": 1.0, "default": 0.9}"#)
    #expect(args["output_dir"]?["default"] == nil)
    let evaluator = Recipe.schema()["properties"]?["evaluators"]?["items"]?["oneOf"]?.array?.first
    #expect(evaluator?["required"] == ["type", "path"])
    #expect(evaluator?["properties"]?["type"] == ["const": "InformationRetrievalEvaluator"])
  }

  private func expectMembers(of schema: JSONValue, to block: JSONValue) throws {
    let properties = try #require(schema["properties"]?.object)
    let names = try #require(block.object?.keys)
    #expect(names.filter { properties[$0] == nil } == [])
    let remarks: Set = ["$schema", "name", "notes"]
    let others = properties.keys.filter { !remarks.contains($0) }
    #expect(others.prefix(names.count).allSatisfy { names.contains($0) || $0 == "name" })
  }
}
