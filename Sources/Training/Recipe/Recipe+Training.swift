extension Recipe {
  /// Refuses what reads well and cannot be trained yet, and what would train nothing.
  ///
  /// Each part of the trainer that comes to honour more removes its line here.
  ///
  /// - Throws: ``RecipeError`` that names the field, its value and the remedy.
  public func validateForTraining() throws {
    if let refusal = refusals.first {
      throw RecipeError(
        .unsupported, "\(refusal.value) is not supported yet: \(refusal.remedy)", at: refusal.field)
    }
    try checkThatBatchesHaveNegatives()
    try checkThatEvaluationHasData()
  }

  private var refusals: [Refusal] {
    let args = FieldPath.root.member("args")
    var refusals: [Refusal] = []
    if self.args.fp16 { refusals.append(Refusal(args.member("fp16"), "true", "train in fp32")) }
    if self.args.bf16 { refusals.append(Refusal(args.member("bf16"), "true", "train in fp32")) }
    if clusters != nil {
      refusals.append(Refusal(FieldPath.root.member("clusters"), "an object", "remove it"))
    }
    let place = FieldPath.root.member("loss")
    for (index, loss) in loss.values.enumerated() {
      refusals += loss.refusals(at: self.loss.names.map { place.member($0[index]) } ?? place)
    }
    for (index, evaluator) in evaluators.enumerated() {
      guard case .informationRetrieval(let evaluator) = evaluator else { continue }
      let place = FieldPath.root.member("evaluators").element(index)
      if let length = evaluator.truncateDim {
        refusals.append(Refusal(place.member("truncate_dim"), "\(length)", "set it to null"))
      }
    }
    return refusals
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
      let field = FieldPath.root.member("args").member("per_device_train_batch_size")
      throw RecipeError(.conflict, message, at: field)
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

/// A value that reads well and that the trainer does not honour yet.
private struct Refusal {
  let field: FieldPath
  let value: String
  let remedy: String

  init(_ field: FieldPath, _ value: String, _ remedy: String) {
    self.field = field
    self.value = value
    self.remedy = remedy
  }
}

extension Recipe.Loss {
  fileprivate func refusals(at place: FieldPath) -> [Refusal] {
    let others = "use MultipleNegativesRankingLoss or CachedMultipleNegativesRankingLoss"
    switch self {
    case .multipleNegativesRanking(let loss): return loss.refusals(at: place)
    case .cachedMultipleNegativesRanking(let loss):
      let field = place.member("mini_batch_num_tokens")
      let count = loss.miniBatches.tokenCount
      return loss.ranking.refusals(at: place)
        + (count.map { [Refusal(field, "\($0)", "use mini_batch_size")] } ?? [])
    case .gistEmbed: return [Refusal(place.member("name"), "\"GISTEmbedLoss\"", others)]
    case .cachedGISTEmbed: return [Refusal(place.member("name"), "\"CachedGISTEmbedLoss\"", others)]
    }
  }
}

extension Recipe.RankingLoss {
  fileprivate func refusals(at place: FieldPath) -> [Refusal] {
    var refusals: [Refusal] = []
    if gathersAcrossDevices {
      let field = place.member("gather_across_devices")
      refusals.append(Refusal(field, "true", "remove it; training runs in one process"))
    }
    if let direction = directions.first(where: { $0 != .queryToDoc }) {
      let value = "\"\(direction.rawValue)\""
      refusals.append(Refusal(place.member("directions"), value, "keep \"query_to_doc\" only"))
    }
    if partitionMode != .joint {
      let value = "\"\(partitionMode.rawValue)\""
      refusals.append(Refusal(place.member("partition_mode"), value, "use \"joint\""))
    }
    if let mode = hardnessMode {
      refusals.append(Refusal(place.member("hardness_mode"), "\"\(mode.rawValue)\"", "remove it"))
    }
    return refusals
  }
}
