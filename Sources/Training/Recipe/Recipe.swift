public import JSONValues

/// What one training run is: model, data, loss, arguments and evaluators, under the names that
/// sentence-transformers and transformers have for them.
///
/// A recipe is one JSON object. Reading is strict: an unknown key, a value of the wrong kind or
/// out of its range, and a feature that ktrain does not have are each a ``RecipeError``.
public struct Recipe: Hashable, Sendable {
  /// A name for people.
  public var name: String?
  /// Remarks for people; several lines in one string.
  public var notes: String?
  /// The model to train.
  public var model = Model()
  /// The rows to train on.
  public var trainDataset = PerDataset.one(Dataset())
  /// The rows of which the evaluation loss is taken; nil: none.
  public var evalDataset: PerDataset<Dataset>?
  /// The loss.
  public var loss = PerDataset.one(Loss.multipleNegativesRanking(RankingLoss()))
  /// The arguments of the run.
  public var args = TrainingArguments()
  /// The clusters from which batches are drawn; nil: from all rows.
  public var clusters: Clusters?
  /// What is measured whenever the model is evaluated.
  public var evaluators: [Evaluator] = []
  /// What the model's card says beyond the run; nil: nothing.
  public var modelCardData: ModelCardData?
  /// What the run may use of the machine.
  public var runtime = Runtime()

  package init() {}
}

extension Recipe {
  /// The loss of a data set.
  ///
  /// - Parameter name: The data set's name; nil for the only one.
  /// - Returns: The loss.
  func loss(of name: String?) -> Loss {
    switch loss {
    case .one(let loss): loss
    // The recipe was checked: there is a loss for each name.
    case .named(let losses): losses.first { $0.name == name }?.value ?? losses[0].value
    }
  }
}

extension Recipe: RecipeBlock {
  static let fields: [Field<Self>] = [
    Field("name", \.name, .optional(.text)),
    Field("notes", \.notes, .optional(.notes)),
    Field("model", \.model, Model.kind, isRequired: true),
    Field("train_dataset", \.trainDataset, .perDataset(.block, unless: "path"), isRequired: true),
    Field("eval_dataset", \.evalDataset, .optional(.perDataset(.block, unless: "path"))),
    Field("loss", \.loss, .perDataset(Loss.kind, unless: "name"), isRequired: true),
    Field("args", \.args, TrainingArguments.kind),
    Field("clusters", \.clusters, .optional(.block)),
    Field("evaluators", \.evaluators, .list(of: Evaluator.kind)),
    Field("model_card_data", \.modelCardData, .optional(.block)),
    Field("runtime", \.runtime, .block),
  ]

  /// Reads a recipe.
  ///
  /// - Parameter value: The recipe's object.
  /// - Throws: ``RecipeError`` with the path of the first field at fault.
  public init(_ value: JSONValue) throws {
    self = try ValueKind<Self>.block.decode(value, .root)
  }

  /// The recipe with every default written out, in a fixed order; it reads back to the same recipe.
  ///
  /// Remarks inside blocks (`$schema`, `name`, `notes`) and the values that switch unsupported
  /// arguments off are not kept, and older names are replaced by today's.
  public func resolved() -> JSONValue { .object(encoded) }

  mutating func settle(at path: FieldPath) throws {
    try checkDatasetNames(at: path)
    var seen: Set<String> = []
    for (index, evaluator) in evaluators.enumerated() where !seen.insert(evaluator.name).inserted {
      throw RecipeError(
        .conflict, "two evaluators have the name \"\(evaluator.name)\"; their metrics would mix",
        at: path.member("evaluators").element(index).member("name"))
    }
  }

  /// Checks that every data set of the evaluation loss has a loss, as the peer does.
  private func checkEvaluationNames(at path: FieldPath) throws {
    guard let evalDataset, let losses = loss.names else { return }
    guard let names = evalDataset.names else {
      throw RecipeError(
        .conflict,
        "with losses by data set the evaluation loss needs names, too: \(losses.joined(separator: ", "))",
        at: path.member("eval_dataset"))
    }
    for name in names where !losses.contains(name) {
      throw RecipeError(
        .conflict, "there is no loss of this name; they are \(losses.joined(separator: ", "))",
        at: path.member("eval_dataset").member(name))
    }
  }

  /// Checks that what is given by data set names the data sets that there are.
  private func checkDatasetNames(at path: FieldPath) throws {
    let names = trainDataset.names
    try checkEvaluationNames(at: path)
    let known = names.map { "they are \($0.joined(separator: ", "))" } ?? "there is one, unnamed"
    if let lossNames = loss.names, lossNames.sorted() != names?.sorted() {
      let message = "losses by data set need one for each name in train_dataset; \(known)"
      throw RecipeError(.conflict, message, at: path.member("loss"))
    }
    guard case .named(let prompts) = args.prompts else { return }
    for prompt in prompts {
      guard case .columns = prompt.value, names?.contains(prompt.name) != true,
        evalDataset?.names?.contains(prompt.name) != true
      else { continue }
      let place = path.member("args").member("prompts").member(prompt.name)
      throw RecipeError(
        .conflict, "prompts by column need the name of a data set here; \(known)", at: place)
    }
  }
}
