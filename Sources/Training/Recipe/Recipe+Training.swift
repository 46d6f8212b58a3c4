extension Recipe {
  /// Refuses what reads well and cannot be trained yet, and what would train nothing.
  ///
  /// - Throws: ``RecipeError`` that names the field, its value and the remedy.
  public func validateForTraining() throws {
    let unsupported = argumentRefusals + blockRefusals + loss.values.flatMap(\.refusals)
    for refusal in unsupported where refusal.applies {
      let message = "\(refusal.value) is not supported yet: \(refusal.remedy)"
      throw RecipeError(.unsupported, message, at: FieldPath(text: refusal.field))
    }
    try checkThatBatchesHaveNegatives()
    try checkThatEvaluationHasData()
    try checkThatBestIsMeasured()
  }

  // The tables of what is not supported yet: whatever the trainer comes to honour loses its line.

  private var argumentRefusals: [Refusal] {
    let isInOrder = args.batchOrder == .sequential && args.batchSampler == .batchSampler
    return [
      Refusal("args.batch_order", "\"sequential\"", "use no_duplicates with it", if: isInOrder),
      Refusal("args.learning_rate_mapping", args.learningRateMapping.map(\.name)),
    ]
  }

  private var blockRefusals: [Refusal] {
    let isInOrder = args.batchOrder == .sequential && clusters != nil
    return [
      Refusal(
        "args.batch_order", "\"sequential\" with clusters", "clusters are shuffled; remove one",
        if: isInOrder)
    ]
      + evaluators.enumerated().flatMap { index, evaluator in
        guard case .informationRetrieval(let evaluator) = evaluator else { return [Refusal]() }
        let place = "evaluators[\(index)]"
        return [
          Refusal(
            place + ".write_predictions", "true", "use false", if: evaluator.writesPredictions)
        ]
      }
  }

  /// A batch of one pair has nothing to tell the positive from: its loss is always 0.
  private func checkThatBatchesHaveNegatives() throws {
    guard args.trainBatchSize == 1 else { return }
    for dataset in trainDataset.values {
      guard let columns = dataset.columns, columns.count <= 2 else { continue }
      let message = """
        a batch of 1 has no negatives with the columns \(columns.joined(separator: ", ")): \
        make it larger or add a column of negatives
        """
      let field = FieldPath(text: "args.per_device_train_batch_size")
      throw RecipeError(.conflict, message, at: field)
    }
  }

  private func checkThatEvaluationHasData() throws {
    guard args.evalStrategy != .no || args.evalOnStart else { return }
    guard evalDataset == nil, evaluators.isEmpty else { return }
    let field = args.evalStrategy != .no ? "args.eval_strategy" : "args.eval_on_start"
    throw RecipeError(
      .conflict, "there is nothing to evaluate: add eval_dataset or evaluators, or remove it",
      at: FieldPath(text: field))
  }
}

extension Recipe {
  /// Checks that `save_strategy: "best"` has a metric, and evaluations to take it from.
  private func checkThatBestIsMeasured() throws {
    guard args.saveStrategy == .best else { return }
    let isEvaluated = args.evalStrategy != .no
    guard !isEvaluated || args.metricForBestModel == nil else { return }
    let message =
      isEvaluated
      ? "\"best\" needs metric_for_best_model" : "\"best\" needs eval_strategy; it is \"no\""
    throw RecipeError(.conflict, message, at: FieldPath(text: "args.save_strategy"))
  }
}

extension Recipe.Loss {
  fileprivate var refusals: [Refusal] {
    if case .matryoshka(let loss) = self { return loss.loss.refusals }
    return []
  }
}

/// A value that reads well and that the trainer does not honour yet.
private struct Refusal {
  let field: String
  let value: String
  let remedy: String
  let applies: Bool

  init(_ field: String, _ value: String, _ remedy: String, if applies: Bool) {
    (self.field, self.value, self.remedy, self.applies) = (field, value, remedy, applies)
  }

  /// Refuses whatever number is there.
  init(_ field: String, _ value: Int?, _ remedy: String = "remove it") {
    self.init(field, value.map(String.init) ?? "", remedy, if: value != nil)
  }

  /// Refuses whatever text is there.
  init(_ field: String, _ value: String?, _ remedy: String = "remove it") {
    self.init(field, "\"\(value ?? "")\"", remedy, if: value != nil)
  }

  /// Refuses a list unless it is empty.
  init(_ field: String, _ values: [String]?, _ remedy: String = "remove it") {
    let list = (values ?? []).map { "\"\($0)\"" }.joined(separator: ", ")
    self.init(field, list, remedy, if: !list.isEmpty)
  }
}
