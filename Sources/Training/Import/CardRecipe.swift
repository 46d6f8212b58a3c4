public import JSONValues

/// A recipe made from a model card.
///
/// Read are READMEs in Markdown with YAML front matter, the text of a card's page, text whose lines
/// ran together while it was copied, and prose. What a card cannot say, such as where the data is,
/// gets a path to be replaced.
public struct CardRecipe: Sendable {
  /// The recipe as JSON, its remarks in `notes`; it reads as a ``Recipe``.
  public let recipe: JSONValue
  /// What the card does not say, what contradicts and what was left out, a line each.
  public let remarks: [String]

  /// Makes a recipe from the file of a card.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - keepsAll: Whether every argument of the card is written, also those with the trainer's
  ///     defaults and those without effect here.
  /// - Throws: ``RecipeError`` if the file cannot be read or is no model card.
  public init(contentsOf path: String, keepsAll: Bool = false) throws {
    let file = absolutePath(path)
    do {
      try self.init(card: try contents(of: file), keepsAll: keepsAll)
    } catch var error as RecipeError {
      error.source = file
      throw error
    }
  }

  /// Makes a recipe from a card's text.
  ///
  /// - Parameters:
  ///   - card: The text in UTF-8; bytes that are not are left out of account.
  ///   - keepsAll: Whether every argument of the card is written.
  /// - Throws: ``RecipeError`` if the text is no model card.
  public init(card: [UInt8], keepsAll: Bool = false) throws {
    let text = CardText(card)
    if let own = Self.recipe(in: text) {
      recipe = own
      remarks = ["the card holds the whole recipe of its run: this is it; look at the paths"]
      return
    }
    let model = CardModel(text)
    let loss = CardLoss(text)
    let settings = CardSettings(text, keepsAll: keepsAll)
    guard settings.arguments.count + settings.leftOutCount > 0 || model.base != nil else {
      throw RecipeError(
        .malformed, "is no model card: it has neither hyperparameters nor a base model")
    }
    var recipe = Draft(arguments: settings.arguments)
    recipe.remarks = text.isDamaged ? ["the card is no UTF-8 text: some bytes were dropped"] : []
    recipe.remarks += model.remarks + loss.remarks + settings.remarks
    recipe.addModel(model)
    recipe.addData(text)
    recipe.object["loss"] = .object(loss.block)
    recipe.addPrompts(text)
    recipe.addOrder(text)
    recipe.object["args"] = .object(recipe.arguments)
    recipe.addEvaluator()
    if settings.leftOutCount > 0 {
      recipe.remarks.append(
        "\(settings.leftOutCount) arguments of the card are left out: they are the trainer's "
          + "defaults or have no effect here")
    }
    try recipe.removeWhatDoesNotRead()
    recipe.object["notes"] = .array(recipe.remarks.map { .string($0) })
    self.recipe = .object(recipe.object)
    remarks = recipe.remarks
  }
}

extension CardRecipe {
  /// The recipe that a card of ktrain's own holds; nil if there is none that reads.
  private static func recipe(in card: CardText) -> JSONValue? {
    guard let start = card.body.firstRange(of: "\n### Recipe\n")?.upperBound,
      let json = card.body[start...].firstMatch(
        of: #/\n```json\n(\{.*?\n\})\n```\n/#.dotMatchesNewlines())?.1,
      let value = try? JSONValue(parsing: String(json)), (try? Recipe(value)) != nil
    else { return nil }
    return value
  }
}

/// The recipe under construction.
private struct Draft {
  var object: JSONObject = ["name": nil, "notes": nil]
  var arguments: JSONObject
  var remarks: [String] = []

  init(arguments: JSONObject) { self.arguments = arguments }

  mutating func addModel(_ model: CardModel) {
    object["name"] = model.name.map { .string($0) }
    var block: JSONObject = ["path": "models/base"]
    if let base = model.base {
      let directory = base.split(separator: "/").last.map(String.init) ?? base
      block["path"] = .string("models/\(directory)")
      remarks.append("model.path: put the directory of \(base) here")
    } else {
      remarks.append("model.path: the card does not name the base model: put its directory here")
    }
    block["max_seq_length"] = model.maxSequenceLength.map { .integer($0) }
    block["pooling"] = model.pooling.map { .string($0) }
    block["normalize"] = model.normalizes.map { .bool($0) }
    object["model"] = .object(block)
  }

  mutating func addData(_ card: CardText) {
    var dataset: JSONObject = ["path": "data/train.jsonl"]
    let section = card.body.firstRange(of: "Training Dataset").map { card.body[$0.upperBound...] }
    if let line = section?.firstMatch(of: #/Columns: ([^\n]*)/#)?.1 {
      let names = line.replacing("<code>", with: "").replacing("</code>", with: "")
        .replacing(" and ", with: ",").filter { $0 != "`" }.split(separator: ",").map(\.trimmed)
      dataset["columns"] = .array(names.filter { !$0.isEmpty }.map { .string($0) })
    }
    object["train_dataset"] = .object(dataset)
    remarks.append("train_dataset: put the path of the rows here")
  }

  /// Prompts that the card's prose asks for, where its arguments have none.
  mutating func addPrompts(_ card: CardText) {
    if let prompts = arguments["prompts"], !prompts.isNull { return }
    let text = card.body.replacing("'", with: "\"")
    guard text.contains("\"query: "), text.contains("\"passage: ") else { return }
    arguments["prompts"] = [
      "anchor": "query: ", "positive": "passage: ", "negative": "passage: ",
    ]
    remarks.append(
      "args.prompts: \"query: \" and \"passage: \" are from the card's text and examples; if your "
        + "rows have them already, remove this")
  }

  /// Before 3.4 `no_duplicates` went through the rows in their order.
  mutating func addOrder(_ card: CardText) {
    guard arguments["batch_sampler"]?.string?.hasPrefix("no_duplicates") == true else { return }
    let version = card.value(ofLine: "sentence transformers")?.split(separator: ".").prefix(2)
      .compactMap { Int($0) }
    let isOld: Bool
    if let version, version.count == 2 {
      isOld = (version[0], version[1]) < (3, 4)
    } else {
      // The default evaluator reported both similarities up to 3.2.
      isOld = card.body.contains("dot_accuracy@1") && card.body.contains("cosine_accuracy@1")
      if !isOld {
        remarks.append(
          "args.batch_order: the card does not say which sentence-transformers it was; up to 3.3 "
            + "no_duplicates went through the rows in order, which \"sequential\" does")
      }
    }
    guard isOld else { return }
    arguments["batch_order"] = "sequential"
    remarks.append(
      "args.batch_order: the card is of sentence-transformers before 3.4, where no_duplicates did "
        + "not shuffle")
  }

  /// Something to evaluate, where the arguments say that the model is evaluated.
  mutating func addEvaluator() {
    let strategy = arguments["eval_strategy"] ?? arguments["evaluation_strategy"]
    guard let strategy, strategy != "no" else { return }
    object["evaluators"] = [
      ["type": "InformationRetrievalEvaluator", "name": "dev", "path": "data/dev"]
    ]
    remarks.append("evaluators: put the path of a BEIR directory here, or set eval_strategy to no")
  }

  /// Takes out the arguments and parameters that do not go together with others.
  mutating func removeWhatDoesNotRead() throws {
    while true {
      do {
        _ = try Recipe(.object(object))
        return
      } catch let error as RecipeError {
        let path = (error.field ?? "").split(separator: ".").map(String.init)
        guard path.count >= 2, var block = object[path[0]]?.object, let value = block[path[1]]
        else { throw error }
        block[path[1]] = nil
        object[path[0]] = .object(block)
        remarks.append("\(path[0]).\(path[1]): \(value.text()) is left out: \(error.message)")
      }
    }
  }
}
