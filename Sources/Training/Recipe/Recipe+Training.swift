extension Recipe {
  /// Refuses what reads well and cannot be trained yet, and what would train nothing.
  ///
  /// Each part of the trainer that comes to honour more removes its line here.
  ///
  /// - Throws: ``RecipeError`` that names the field, its value and the remedy.
  public func validateForTraining() throws {
    for (field, value, remedy) in refusals {
      throw RecipeError(.unsupported, "\(value) is not supported yet: \(remedy)", at: field)
    }
    try checkThatBatchesHaveNegatives()
    try checkThatEvaluationHasData()
  }

  private typealias Refusal = (field: FieldPath, value: String, remedy: String)

  private var refusals: [Refusal] {
    var refusals: [Refusal] = []
    let args = FieldPath.root.member("args")
    if self.args.fp16 { refusals.append((args.member("fp16"), "true", "remove it; fp32 is used")) }
    if self.args.bf16 { refusals.append((args.member("bf16"), "true", "remove it; fp32 is used")) }
    if clusters != nil {
      refusals.append((FieldPath.root.member("clusters"), "drawing by cluster", "remove it"))
    }
    let place = FieldPath.root.member("loss")
    for (index, loss) in loss.values.enumerated() {
      refusals += loss.refusals(at: self.loss.names.map { place.member($0[index]) } ?? place)
    }
    for (index, evaluator) in evaluators.enumerated() {
      guard case .informationRetrieval(let evaluator) = evaluator else { continue }
      let place = FieldPath.root.member("evaluators").element(index)
      if let length = evaluator.truncateDim {
        refusals.append((place.member("truncate_dim"), "\(length)", "remove it"))
      }
    }
    return refusals
  }

  /// A batch of one pair has nothing to tell the positive from: its loss is always 0.
  private func checkThatBatchesHaveNegatives() throws {
    guard args.trainBatchSize == 1 else { return }
    for dataset in trainDataset.values {
      guard let columns = dataset.columns, columns.count <= 2 else { continue }
      throw RecipeError(
        .conflict,
        "a batch of 1 has no negatives with the columns \(columns.joined(separator: ", ")); "
          + "make it larger or add a column of negatives",
        at: FieldPath.root.member("args").member("per_device_train_batch_size"))
    }
  }

  private func checkThatEvaluationHasData() throws {
    guard args.evalStrategy != .no || args.evalOnStart else { return }
    guard evalDataset == nil, evaluators.isEmpty else { return }
    let field = args.evalStrategy != .no ? "eval_strategy" : "eval_on_start"
    throw RecipeError(
      .conflict, "there is nothing to evaluate: add eval_dataset or evaluators, or remove it",
      at: FieldPath.root.member("args").member(field))
  }
}

extension Recipe.Loss {
  fileprivate func refusals(at place: FieldPath) -> [(field: FieldPath, value: String, remedy: String)]
  {
    let others = "use MultipleNegativesRankingLoss or CachedMultipleNegativesRankingLoss"
    switch self {
    case .multipleNegativesRanking(let loss): return loss.refusals(at: place)
    case .cachedMultipleNegativesRanking(let loss):
      var refusals = loss.ranking.refusals(at: place)
      if let count = loss.miniBatches.tokenCount {
        let field = place.member("mini_batch_num_tokens")
        refusals.append((field, "\(count)", "use mini_batch_size"))
      }
      return refusals
    case .gistEmbed: return [(place.member("name"), "GISTEmbedLoss", others)]
    case .cachedGISTEmbed: return [(place.member("name"), "CachedGISTEmbedLoss", others)]
    }
  }
}

extension Recipe.RankingLoss {
  fileprivate func refusals(at place: FieldPath) -> [(field: FieldPath, value: String, remedy: String)]
  {
    var refusals: [(field: FieldPath, value: String, remedy: String)] = []
    if gathersAcrossDevices {
      let field = place.member("gather_across_devices")
      refusals.append((field, "true", "remove it; training runs in one process"))
    }
    if let direction = directions.first(where: { $0 != .queryToDoc }) {
      let field = place.member("directions")
      refusals.append((field, "\"\(direction.rawValue)\"", "only \"query_to_doc\" is"))
    }
    if partitionMode != .joint {
      let field = place.member("partition_mode")
      refusals.append((field, "\"\(partitionMode.rawValue)\"", "only \"joint\" is"))
    }
    if let hardnessMode {
      let field = place.member("hardness_mode")
      refusals.append((field, "\"\(hardnessMode.rawValue)\"", "remove it"))
    }
    return refusals
  }
}
