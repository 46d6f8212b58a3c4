import JSONValues
import Testing
import Training

@Suite struct RecipeTests {
  @Test func exampleOfTheContract() throws {
    let recipe = try Recipe(recipeFixture("recipe_example.json"))
    #expect(recipe.model.path == "models/multilingual-e5-small")
    #expect(recipe.model.dropout == nil)
    guard case .one(let dataset) = recipe.trainDataset else { throw Unexpected() }
    #expect(dataset.paths == ["data/ko/train.jsonl"])
    #expect(dataset.columns == ["anchor", "positive", "negative"])
    guard case .one(.cachedGISTEmbed(let loss)) = recipe.loss else { throw Unexpected() }
    #expect(loss.gist.guide == "models/bge-m3")
    #expect(loss.gist.margin == 0.05)
    #expect(loss.miniBatches.size == 64)
    #expect(recipe.args.outputDir == "checkpoints/e5-small-ko")
    #expect(recipe.args.trainBatchSize == 20000)
    #expect(recipe.args.learningRate == 2.5e-4)
    #expect(recipe.args.warmupSteps == .ratio(0.05))
    #expect(recipe.args.batchSampler == .noDuplicates)
    #expect(recipe.args.evalSteps == .steps(100))
    #expect(recipe.args.prompts.prompt(forColumn: "anchor") == "query: ")
    #expect(recipe.clusters?.k == 64)
    guard case .informationRetrieval(let evaluator)? = recipe.evaluators.first else {
      throw Unexpected()
    }
    #expect(evaluator.name == "dev")
    #expect(evaluator.queryPrompt == "query: ")
    #expect(recipe.runtime.memory == ByteCount(bytes: 17_179_869_184))
  }

  @Test func everyCaseReadsAsItSays() throws {
    let example = try recipeFixture("recipe_example.json").text()
    let cases = try #require(recipeFixture("recipe_cases.json")["cases"]?.array)
    #expect(cases.count > 90)
    for entry in cases {
      let key = try #require(entry["key"]?.string)
      let value = try #require(entry["value"])
      let found = try complaint {
        try withRecipeFile(example) { file in
          try Recipe(contentsOf: file, overrides: ["\(key)=\(value.text())"])
        }
      }
      let expected = entry["error"]?.string.map { "--set: \($0)" }
      #expect(found == expected, "\(key) = \(value.text())")
    }
  }

  @Test func whatIsResolvedReadsBackTheSame() throws {
    for changes: (inout JSONObject) -> Void in [
      { _ in },
      { $0["args"] = ["use_cpu": true, "hub_model_id": "a/b", "warmup_ratio": 0.1] },
      { $0["args"] = ["report_to": "all", "learning_rate_mapping": ["^0\\.": 1e-3]] },
      { $0["notes"] = ["one", "two"] },
      { $0["runtime"] = ["memory": "1.5GB", "notes": "not kept"] },
      { $0["model"] = ["path": "m", "dropout": 0, "pooling": "mean", "max_seq_length": 128] },
      {
        $0["train_dataset"] = ["b": ["path": ["x", "y"]], "a": ["path": "z", "limit": 3]]
        $0["loss"] = [
          "a": ["name": "GISTEmbedLoss", "guide": "g"],
          "b": ["name": "CachedMultipleNegativesRankingLoss", "hardness_mode": "all_negatives"],
        ]
        $0["args"] = ["prompts": ["a": ["anchor": "q: "], "b": "p: "]]
        $0["clusters"] = nil
      },
    ] {
      var object = try #require(recipeFixture("recipe_example.json").object)
      changes(&object)
      let recipe = try Recipe(.object(object))
      let resolved = recipe.resolved()
      let again = try Recipe(JSONValue(parsing: resolved.text(indent: 2)))
      #expect(again == recipe)
      #expect(again.resolved().text() == resolved.text())
    }
  }

  @Test func resolvedNamesEveryDefaultInOrder() throws {
    let resolved = try Recipe(smallRecipe()).resolved()
    #expect(
      resolved.object?.keys == [
        "name", "notes", "model", "train_dataset", "eval_dataset", "loss", "args", "clusters",
        "evaluators", "model_card_data", "runtime",
      ])
    #expect(
      resolved["model"]?.text()
        == #"{"path": "models/tiny", "max_seq_length": null, "dropout": null, "pooling": null, "#
        + #""normalize": null}"#)
    #expect(
      resolved["runtime"]?.text() == #"{"threads": 0, "memory": null, "store": "data/.store"}"#)
    #expect(resolved["args"]?["learning_rate"] == 5e-5)
  }

  @Test func remarksMayStandInEveryBlock() throws {
    var object = try #require(smallRecipe().object)
    object["name"] = "my run"
    object["notes"] = ["first", "second"]
    object["$schema"] = "recipe.schema.json"
    object["args"] = ["notes": "why", "name": "n", "$schema": "s"]
    object["train_dataset"] = ["path": "train.jsonl", "notes": "where it is from"]
    let recipe = try Recipe(.object(object))
    #expect(recipe.name == "my run")
    #expect(recipe.notes == "first\nsecond")
    #expect(recipe.args == TrainingArguments())
  }

  @Test func severalDatasetsKeepTheirOrder() throws {
    var object = try #require(smallRecipe().object)
    object["train_dataset"] = ["nq": ["path": "b"], "dureader": ["path": "a"]]
    object["loss"] = [
      "dureader": ["name": "MultipleNegativesRankingLoss", "scale": 50],
      "nq": ["name": "MultipleNegativesRankingLoss"],
    ]
    let recipe = try Recipe(.object(object))
    #expect(recipe.trainDataset.names == ["nq", "dureader"])
    #expect(recipe.trainDataset.values.map(\.paths) == [["b"], ["a"]])
    #expect(recipe.loss.names == ["dureader", "nq"])

    object["loss"] = ["nq": ["name": "MultipleNegativesRankingLoss"]]
    let found = try complaint { try Recipe(.object(object)) }
    #expect(
      found
        == "loss: losses by data set need one for each name in train_dataset; they are nq, dureader"
    )
  }

  @Test(arguments: ["model", "train_dataset", "loss"]) func requiredKeys(_ key: String) throws {
    var object = try #require(smallRecipe().object)
    object[key] = nil
    #expect(try complaint { try Recipe(.object(object)) } == "\(key): is required and missing")
  }

  @Test func evaluatorsNeedDifferentNames() throws {
    var object = try #require(smallRecipe().object)
    object["evaluators"] = [
      ["type": "InformationRetrievalEvaluator", "name": "dev", "path": "a"],
      ["type": "InformationRetrievalEvaluator", "name": "dev", "path": "b"],
    ]
    #expect(
      try complaint { try Recipe(.object(object)) }
        == "evaluators[1].name: two evaluators have the name \"dev\"; their metrics would mix")
  }

  @Test func mainScoreFunctionIsOneOfThoseGiven() throws {
    var object = try #require(smallRecipe().object)
    object["evaluators"] = [
      [
        "type": "InformationRetrievalEvaluator", "path": "a", "score_functions": ["cosine"],
        "main_score_function": "dot",
      ]
    ]
    #expect(
      try complaint { try Recipe(.object(object)) }
        == "evaluators[0].main_score_function: \"dot\" is not among the score_functions")
  }

  @Test(arguments: [
    ("500MB", 500_000_000, "500MB"), ("1KiB", 1024, "1KiB"), ("1.5 GB", 1_500_000_000, "1500MB"),
    ("2048MiB", 2_147_483_648, "2GiB"), ("3TB", 3_000_000_000_000, "3TB"), ("7B", 7, "7B"),
  ]) func byteCounts(_ text: String, bytes: Int, description: String) throws {
    let amount = try #require(ByteCount(text))
    #expect(amount.bytes == bytes)
    #expect(amount.description == description)
    #expect(ByteCount(description) == amount)
  }

  @Test(arguments: [
    "", "GB", "1", "1gb", "1 GB ", "-1GB", "0KB", "1e3GB", "9999999999TB", "1.2.3MB",
  ])
  func noByteCounts(_ text: String) {
    #expect(ByteCount(text) == nil)
  }
}

private struct Unexpected: Error {}
