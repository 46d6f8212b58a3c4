import Foundation
import JSONValues
import Testing
import Training

/// Recipes from cards of every shape; all but `peer.md` were written for this test, that one by
/// make_model_card.py.
@Suite struct CardRecipeTests {
  @Test func cardOfThePeer() throws {
    let card = try Self.card("peer.md")
    #expect(
      card.recipe["model"] == [
        "path": "models/base", "max_seq_length": 64, "pooling": "mean", "normalize": true,
      ])
    #expect(
      card.recipe["train_dataset"] == [
        "path": "data/train.jsonl", "columns": ["question", "answer", "wrong"],
      ])
    #expect(
      card.recipe["loss"] == [
        "name": "CachedGISTEmbedLoss", "temperature": 0.02, "mini_batch_size": 16,
        "mini_batch_num_tokens": nil, "margin_strategy": "relative", "margin": 0.05,
        "contrast_anchors": true, "contrast_positives": true,
        "guide": "models/guide",
      ])
    #expect(
      card.recipe["args"] == [
        "num_train_epochs": 2, "learning_rate": 3e-05, "lr_scheduler_type": "cosine",
        "warmup_steps": 0.1, "weight_decay": 0.01, "per_device_eval_batch_size": 16, "seed": 7,
        "dataloader_drop_last": true,
        "prompts": ["question": "query: ", "answer": "passage: ", "wrong": "passage: "],
        "batch_sampler": "no_duplicates",
      ])
    #expect(card.remarks.contains { $0.contains("does not name the base model") })
    #expect(!card.remarks.contains { $0.contains("batch_order") })
  }

  @Test func linesThatRanTogether() throws {
    let card = try Self.card("joined.txt")
    #expect(card.recipe["name"] == "soup-finder")
    #expect(
      card.recipe["model"] == [
        "path": "models/base", "max_seq_length": 256, "pooling": "cls", "normalize": true,
      ])
    #expect(
      card.recipe["args"] == [
        "eval_strategy": "steps", "per_device_train_batch_size": 4096, "learning_rate": 3e-05,
        "warmup_ratio": 0.03333333333333333, "fp16": true, "batch_sampler": "no_duplicates",
        "dataloader_drop_last": true, "batch_order": "sequential",
      ])
    let unknown = card.remarks.filter { $0.hasPrefix("kitchen_timer_minutes: 3 is left out") }
    #expect(unknown.count == 1)
    #expect(card.remarks.contains { $0.hasPrefix("loss is not in the card") })
    let all = try Self.card("joined.txt", keepsAll: true).recipe["args"]
    #expect(all?.object?.count == 26)
    #expect(all?["mp_parameters"] == "" && all?["auto_find_batch_size"] == false)
    #expect(all?["fsdp_config"]?["xla_fsdp_v2"] == false)
    #expect(all?["optim"] == "adamw_torch" && all?["ddp_timeout"] == 1800)
  }

  @Test func renderedTextWithAContradiction() throws {
    let card = try Self.card("rendered.txt")
    #expect(
      card.recipe["model"] == [
        "path": "models/base-small", "max_seq_length": 512, "pooling": "mean", "normalize": true,
      ])
    #expect(
      card.recipe["loss"]
        == ["name": "GISTEmbedLoss", "temperature": 0.02, "guide": "models/guide"])
    #expect(
      card.recipe["args"] == [
        "eval_strategy": "steps", "per_device_train_batch_size": 1000, "learning_rate": 0.00025,
        "num_train_epochs": 3, "fp16": true, "dataloader_drop_last": true,
        "batch_sampler": "no_duplicates",
        "prompts": ["anchor": "query: ", "positive": "passage: ", "negative": "passage: "],
      ])
    #expect(
      card.remarks.filter { $0.contains("contradicts") } == [
        "args.num_train_epochs: the card contradicts itself, it says 3 first and 2 later; the first "
          + "is taken"
      ])
    #expect(card.recipe["notes"]?.array?.compactMap(\.string) == card.remarks)
  }

  @Test func prose() throws {
    let card = try Self.card("prose.txt")
    #expect(card.recipe["name"] == "Soup-E5")
    #expect(card.recipe["model"] == ["path": "models/base-large", "max_seq_length": 512])
    #expect(card.recipe["loss"] == ["name": "CachedMultipleNegativesRankingLoss"])
    #expect(
      card.recipe["args"] == [
        "per_device_train_batch_size": 1024, "learning_rate": 1e-05, "num_train_epochs": 1,
        "prompts": ["anchor": "query: ", "positive": "passage: ", "negative": "passage: "],
      ])
    #expect(card.remarks.contains("loss: the card names CachedGISTEmbedLoss, too"))
  }

  @Test func markdownWithFrontMatter() throws {
    let card = try Self.card("README.md")
    #expect(
      card.recipe["model"]
        == ["path": "models/base-small", "max_seq_length": 128, "normalize": false])
    #expect(card.recipe["train_dataset"]?["columns"] == ["anchor", "positive"])
    #expect(
      card.recipe["loss"] == [
        "name": "MultipleNegativesRankingLoss", "scale": 50.0, "similarity_fct": "dot_score",
      ])
    #expect(
      card.recipe["args"] == [
        "per_device_train_batch_size": 64, "num_train_epochs": 1,
        "prompts": ["anchor": "query: ", "positive": "seed: "],
      ])
    for remark in [
      "model.pooling: max is not supported", "loss.soup: 1 is left out",
      "args.optim: \"adafactor\" is left out",
    ] {
      #expect(card.remarks.contains { $0.hasPrefix(remark) }, "\(remark)")
    }
  }

  /// Every argument of three releases, as their cards list them, in three shapes.
  @Test(arguments: RecipeArgumentsTests.releases, ["- `{}`: ", "  • {}: ", "{}\n: "])
  func everyArgument(of release: String, in shape: String) throws {
    let listed = try RecipeArgumentsTests.arguments(of: release).filter { $0.card != nil }
    let isJoined = shape.hasSuffix("\n: ")
    var text = listed.map { argument in
      shape.replacing("{}", with: argument.name) + argument.card! + (isJoined ? "" : "\n")
    }.joined()
    text = "All Hyperparameters\n" + text + "\nCitation\n"
    let recipe = try CardRecipe(card: Array(text.utf8), keepsAll: true).recipe
    let args = try #require(recipe["args"]?.object)
    #expect(args.keys == listed.map(\.name))
    for argument in listed {
      // Alone, an override reads the card's spelling; all others stand beside it here.
      let alone = try withRecipeFile(smallRecipe().text()) {
        try Recipe(contentsOf: $0, overrides: ["args.\(argument.name)=\(argument.card!)"]).args
      }
      var imported = try Recipe(
        smallRecipe(args: .object([argument.name: args[argument.name] ?? nil]))
      ).args
      imported.outputDir = alone.outputDir
      #expect(imported == alone, "\(argument.name)")
    }
  }

  /// As the peer's card of a MatryoshkaLoss has it.
  @Test func aLossAroundAnother() throws {
    let text = """
      tags:
      - loss:MatryoshkaLoss
      - loss:CachedGISTEmbedLoss
      seed: 7
      * Loss: <code>MatryoshkaLoss</code> with these parameters:
        {
            "loss": "CachedGISTEmbedLoss",
            "matryoshka_dims": [32, 8],
            "matryoshka_weights": [1, 0.5],
            "n_dims_per_step": -1
        }
      """
    let card = try CardRecipe(card: Array(text.utf8))
    #expect(
      card.recipe["loss"] == [
        "name": "MatryoshkaLoss",
        "loss": ["name": "CachedGISTEmbedLoss", "guide": "models/guide"],
        "matryoshka_dims": [32, 8], "matryoshka_weights": [1, 0.5], "n_dims_per_step": -1,
      ])
    #expect(card.remarks.contains { $0.hasPrefix("loss.loss.guide: ") })
    #expect(card.remarks.contains { $0.hasPrefix("loss.loss: ") })
    #expect(!card.remarks.contains { $0.contains("names CachedGISTEmbedLoss, too") })
    _ = try Recipe(card.recipe)
  }

  @Test func aLossThatFollowsATeacher() throws {
    let text = """
      tags:
      - loss:DistillKLDivLoss
      seed: 7
      * Loss: <code>DistillKLDivLoss</code> with these parameters:
        {
            "similarity_fct": "pairwise_cos_sim",
            "temperature": 1.0,
            "student_temperature": 0.02
        }
      """
    let card = try CardRecipe(card: Array(text.utf8))
    #expect(
      card.recipe["loss"] == [
        "name": "DistillKLDivLoss", "similarity_fct": "pairwise_cos_sim", "temperature": 1.0,
        "student_temperature": 0.02,
      ])
    _ = try Recipe(card.recipe)
  }

  @Test func damagedTextIsReadAndRemarkedOn() throws {
    let text = Array("seed: 7\nlearning_rate: 0.1\nfp16: True\n".utf8) + [0xE2, 0x80]
    let card = try CardRecipe(card: text)
    #expect(card.recipe["args"] == ["seed": 7, "learning_rate": 0.1, "fp16": true])
    #expect(card.remarks.first == "the card is no UTF-8 text: some bytes were dropped")
  }

  @Test(arguments: ["", "project: https://example.org\ntitle: debug: no\n", "my_seed: 3\n"])
  func whatIsNoCard(_ text: String) throws {
    let found = try complaint {
      _ = try CardRecipe(card: Array(text.utf8))
      return try Recipe(smallRecipe())
    }
    #expect(found == "is no model card: it has neither hyperparameters nor a base model")
  }

  static func card(_ name: String, keepsAll: Bool = false) throws -> CardRecipe {
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/cards/\(name)", withExtension: nil))
    let card = try CardRecipe(contentsOf: url.path, keepsAll: keepsAll)
    _ = try Recipe(card.recipe)
    return card
  }
}
