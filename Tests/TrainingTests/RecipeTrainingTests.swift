import JSONValues
import Testing
import Training

/// What reads and cannot be trained yet; a case goes when the trainer honours it.
@Suite struct RecipeTrainingTests {
  @Test func everyCaseIsTrainableOrRefusedAsItSays() throws {
    let cases = try #require(recipeFixture("recipe_training_cases.json")["cases"]?.array)
    #expect(cases.count > 15)
    for entry in cases {
      let members = try #require(entry["members"]?.object)
      var object = try #require(smallRecipe().object)
      for (key, value) in members.members { object[key] = value }
      let recipe = try Recipe(.object(object))
      let found = try complaint {
        try recipe.validateForTraining()
        return recipe
      }
      #expect(found == entry["error"]?.string, "\(JSONValue.object(members).text())")
    }
  }
}
