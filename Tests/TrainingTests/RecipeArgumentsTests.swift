import JSONValues
import Testing
import Training

/// `args` against the peer's own names and defaults, which make_training_arguments.py has read.
@Suite struct RecipeArgumentsTests {
  static let releases = ["6.2.0", "4.1.0", "3.0.1"]

  struct Argument: Sendable {
    let name: String
    let standard: JSONValue
    let card: String?
  }

  static func arguments(of release: String) throws -> [Argument] {
    let fixture = try recipeFixture("training_arguments_\(release).json")
    return try #require(fixture["arguments"]?.array).map { entry in
      Argument(
        name: try #require(entry["name"]?.string), standard: try #require(entry["default"]),
        card: entry["card"]?.string)
    }
  }

  @Test(arguments: releases) func everyNameIsKnown(_ release: String) throws {
    let known = Set(TrainingArguments.knownNames)
    let names = try Self.arguments(of: release).map(\.name)
    #expect(names.count >= 120)
    #expect(names.filter { !known.contains($0) } == [])
  }

  @Test func everyNameIsInOneClass() throws {
    let names = TrainingArguments.knownNames
    #expect(Set(names).count == names.count)
    let peers = Set(try Self.releases.flatMap { try Self.arguments(of: $0).map(\.name) })
    #expect(names.filter { !peers.contains($0) } == ["batch_order"])
  }

  @Test(arguments: releases) func everyDefaultIsAccepted(_ release: String) throws {
    for argument in try Self.arguments(of: release) where argument.name != "output_dir" {
      let found = try complaint {
        try Recipe(smallRecipe(args: .object([argument.name: argument.standard])))
      }
      #expect(found == nil, "\(argument.name): \(argument.standard.text())")
    }
  }

  /// A model card's list, `- name: value` for `- name: value`, with Python's spellings.
  @Test(arguments: releases) func everyLineOfACardIsAccepted(_ release: String) throws {
    var settings = try Self.arguments(of: release).compactMap { argument in
      argument.card.map { "args.\(argument.name)=\($0)" }
    }
    #expect(settings.count >= 100)
    settings.append("args.output_dir=None")
    try withRecipeFile(smallRecipe().text()) { file in
      for setting in settings {
        let found = try complaint { try Recipe(contentsOf: file, overrides: [setting]) }
        #expect(found == nil, "\(setting)")
      }
      let recipe = try Recipe(contentsOf: file, overrides: settings)
      var args = recipe.args
      #expect(args.withoutEffect.keys.count > 50)
      args.withoutEffect = JSONObject()
      args.outputDir = TrainingArguments().outputDir
      #expect(args == TrainingArguments())
    }
  }

  /// Defaults are the peer's; those left out are null there until its initialiser fills them in.
  @Test func defaultsAreThePeers() throws {
    let resolved = try #require(Recipe(smallRecipe()).resolved()["args"]?.object)
    var compared = 0
    for argument in try Self.arguments(of: "6.2.0") where argument.name != "output_dir" {
      guard let value = resolved[argument.name] else { continue }
      let isSame =
        value == argument.standard
        || value.double != nil && value.double == argument.standard.double
      #expect(isSame || argument.standard.isNull && value == "none", "\(argument.name)")
      compared += 1
    }
    // Left out: output_dir, batch_order, which is ours, and logging_dir, which 4.x had.
    #expect(compared == resolved.count - 3)
  }

  @Test func constructorDefaultsAreThePeers() throws {
    let fixture = try recipeFixture("training_arguments_6.2.0.json")
    for (name, parameters) in try #require(fixture["constructors"]?.object).members {
      var recipe = try #require(smallRecipe().object)
      let block: JSONValue?
      if name == "InformationRetrievalEvaluator" {
        recipe["evaluators"] = [["type": .string(name), "path": "p"]]
        block = try Recipe(.object(recipe)).resolved()["evaluators"]?.array?.first
      } else {
        let guide: JSONObject = name.contains("GIST") ? ["guide": "g"] : [:]
        var loss: JSONObject = ["name": .string(name)]
        for (key, value) in guide.members { loss[key] = value }
        recipe["loss"] = .object(loss)
        block = try Recipe(.object(recipe)).resolved()["loss"]
      }
      let resolved = try #require(block?.object)
      let ours: Set = ["type", "path", "split", "guide", "guide_input"]
      let peers = try #require(parameters.object)
      for (key, value) in peers.members {
        // A batch is split by tokens unless the recipe limits the rows: the result is the same. And it
        // is one batch however many ranks there are, unless the recipe says otherwise.
        let isOurs = ["mini_batch_size", "gather_across_devices"].contains(key)
        let expected = isOurs ? .null : value
        #expect(resolved[key] == expected, "\(name).\(key)")
      }
      let more = resolved.keys.filter { peers[$0] == nil && !ours.contains($0) }
      #expect(more == (name == "InformationRetrievalEvaluator" ? [] : ["name"]))
    }
  }

  @Test func argumentsWithoutEffectAreListed() throws {
    let recipe = try Recipe(
      smallRecipe(args: ["use_cpu": "True", "deepspeed": "None", "disable_tqdm": true, "seed": 1]))
    #expect(recipe.args.withoutEffect.keys == ["use_cpu", "disable_tqdm"])
    #expect(recipe.args.seed == 1)
    #expect(recipe.resolved()["args"]?["disable_tqdm"] == true)
    #expect(recipe.resolved()["args"]?["deepspeed"] == nil)
  }

  @Test func olderNames() throws {
    let args = try Recipe(
      smallRecipe(args: [
        "per_gpu_train_batch_size": 16, "per_gpu_eval_batch_size": "None",
        "evaluation_strategy": "epoch", "per_device_eval_batch_size": 4,
      ])
    ).args
    #expect(args.trainBatchSize == 16)
    #expect(args.evalBatchSize == 4)
    #expect(args.evalStrategy == .epoch)
  }

  @Test func defaultsThatFollowFromOthers() throws {
    var args = try Recipe(smallRecipe(args: ["eval_strategy": "steps", "logging_steps": 7])).args
    #expect(args.evalSteps == .steps(7))
    #expect(args.greaterIsBetter == nil)
    args = try Recipe(
      smallRecipe(args: [
        "eval_strategy": "epoch", "save_strategy": "epoch", "load_best_model_at_end": true,
      ])
    ).args
    #expect(args.metricForBestModel == "loss")
    #expect(args.greaterIsBetter == false)
    args = try Recipe(smallRecipe(args: ["metric_for_best_model": "dev_cosine_ndcg@10"])).args
    #expect(args.greaterIsBetter == true)
  }

  @Test(arguments: [
    (#"{"warmup_ratio": 0.1}"#, StepCount.ratio(0.1), 11),
    (#"{"warmup_ratio": 0.1, "warmup_steps": 5}"#, .steps(5), 5),
    (#"{"warmup_ratio": 0.0, "warmup_steps": 0}"#, .steps(0), 0),
    (#"{"warmup_steps": 0.25}"#, .ratio(0.25), 26),
    (#"{"warmup_ratio": 1}"#, .steps(1), 1),  // transformers takes the float 1.0 for one step
  ]) func warmup(_ args: String, expected: StepCount, of101: Int) throws {
    let warmup = try Recipe(smallRecipe(args: JSONValue(parsing: args))).args.warmupSteps
    #expect(warmup == expected)
    #expect(warmup.count(of: 101) == of101)
  }

  @Test(arguments: [
    (
      #"{"save_strategy": "epoch", "eval_strategy": "steps"}"#,
      #"eval_strategy and save_strategy to be the same, and not "no"; they are "steps" and "epoch""#
    ),
    (
      #"{"save_strategy": "no"}"#,
      #"eval_strategy and save_strategy to be the same, and not "no"; they are "no" and "no""#
    ),
    (
      #"{"eval_strategy": "steps", "eval_steps": 30, "save_steps": 100}"#,
      "save_steps to be a multiple of eval_steps; they are 100 and 30"
    ),
    (
      #"{"eval_strategy": "steps", "eval_steps": 0.1, "save_steps": 100}"#,
      "save_steps to be a multiple of eval_steps; they are 100 and 0.1"
    ),
    (
      #"{"eval_strategy": "steps", "eval_steps": 0.1, "save_steps": 0.25}"#,
      "save_steps to be a multiple of eval_steps; they are 0.25 and 0.1"
    ),
  ]) func theBestModelMustHaveBeenSaved(_ args: String, message: String) throws {
    var args = try #require(JSONValue(parsing: args).object)
    args["load_best_model_at_end"] = true
    let found = try complaint { try Recipe(smallRecipe(args: .object(args))) }
    #expect(found == "args.load_best_model_at_end: needs \(message)")
  }

  @Test(
    arguments: [
      ("anchor", nil, "a: "), ("other", nil, nil), ("anchor", "nq", "n: "), ("other", "nq", "n: "),
      ("anchor", "ko", "k: "), ("positive", "ko", nil), ("anchor", "elsewhere", "a: "),
    ] as [(String, String?, String?)])
  func promptsByColumnAndDataset(_ column: String, dataset: String?, expected: String?) throws {
    let prompts = Prompts.named([
      Named(name: "anchor", value: .prompt("a: ")), Named(name: "nq", value: .prompt("n: ")),
      Named(name: "ko", value: .columns([Named(name: "anchor", value: "k: ")])),
    ])
    #expect(prompts.prompt(forColumn: column, of: dataset) == expected)
  }

  /// Where the first entry is by data set, the peer gives other data sets no prompt.
  @Test func promptsOfOtherDatasets() throws {
    let prompts = Prompts.named([
      Named(name: "ko", value: .columns([Named(name: "anchor", value: "k: ")])),
      Named(name: "anchor", value: .prompt("a: ")),
    ])
    #expect(prompts.prompt(forColumn: "anchor", of: "elsewhere") == nil)
    #expect(Prompts.all("q: ").prompt(forColumn: "anchor", of: "ko") == "q: ")
    #expect(Prompts.none.prompt(forColumn: "anchor") == nil)
  }

  @Test func dictionariesInPythonsSpelling() throws {
    let args = try Recipe(
      smallRecipe(args: [
        "prompts": #"{'anchor': 'it\'s: ', "positive": "p: "}"#,
        "learning_rate_mapping": #"{'embeddings': 1e-3}"#, "run_name": "[half a list",
      ])
    ).args
    #expect(args.prompts.prompt(forColumn: "anchor") == "it's: ")
    #expect(args.prompts.prompt(forColumn: "positive") == "p: ")
    #expect(args.learningRateMapping == [Named(name: "embeddings", value: 1e-3)])
    #expect(args.runName == "[half a list")
  }
}
