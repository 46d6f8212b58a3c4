internal import Datasets
package import Encoders
package import Ranks
package import Sampling
package import Tensors

extension TrainingRun {
  /// The data sets of a recipe, each with its loss.
  static func sources(
    _ recipe: Recipe, encoder: SentenceEncoder, memoryLimit: Int, ranks: RankGroup?
  ) throws -> [TrainingSource] {
    try recipe.trainDataset.entries.map { name, settings in
      var source = try TrainingSource(
        name: name, settings, in: "train_dataset", loss: recipe.loss(of: name), encoder: encoder,
        memoryLimit: memoryLimit, batchSize: recipe.args.trainBatchSize, recipe.args)
      source.engine.ranks = ranks
      source.engine.gathers = source.loss.gathersAcrossDevices
      if let ranks, !source.engine.gathers { try source.check(rankCount: ranks.count) }
      return source
    }
  }

  /// The sampler of the whole run, and of each source how many rows its clusters have; nil of those
  /// without clusters.
  static func sampler(
    _ sources: [TrainingSource], _ recipe: Recipe, _ digests: ModelDigests, _ store: DatasetStore,
    isRehearsal: Bool, observer: @escaping (TrainingEvent) -> Void
  ) throws -> (any MultiDatasetBatchSampler, clusterSizes: [[Int]?]) {
    var clusterSizes: [[Int]?] = []
    let samplers = try sources.map { source -> any BatchSampler in
      var clusters: DatasetClusters?
      if let settings = recipe.clusters {
        clusters = try DatasetClusters(
          settings, dataset: source.dataset, digests: digests, in: store,
          wanted: isRehearsal ? .ifStored : .always, report: observer)
      }
      clusterSizes.append(clusters?.table.sizes)
      return source.sampler(recipe.args, clusters: clusters, isAlone: sources.count == 1)
    }
    if recipe.trainDataset.names == nil {
      return (SingleDatasetBatchSampler(samplers[0]), clusterSizes)
    }
    let seed = UInt64(recipe.args.seed)
    switch recipe.args.multiDatasetBatchSampler {
    case .proportional: return (ProportionalBatchSampler(samplers, seed: seed), clusterSizes)
    case .roundRobin: return (RoundRobinBatchSampler(samplers, seed: seed), clusterSizes)
    }
  }

  /// Adds the gradients of one batch to `gradients`; see `StepEngine.run`.
  ///
  /// - Parameters:
  ///   - batch: The rows.
  ///   - number: Which batch of the run it is, from 0, counted over all data sets.
  ///   - dropout: The step's key; nil for no dropout.
  ///   - firstRowKey: What the first text is called where dropout is concerned.
  ///   - weight: What the loss counts in the sum.
  ///   - gradients: What the gradients are added to.
  ///   - sum: Is told of gradients that are final; nil unless this is the step's last batch.
  ///   - progress: Called as the work goes on; what it throws ends the step.
  /// - Returns: The loss, and how it was computed.
  /// - Throws: As `StepEngine.run`.
  /// - Precondition: ``prepare(observer:)`` has been called.
  package func addGradients(
    of batch: DatasetBatch, number: Int = 0, dropout: DropoutKey?, firstRowKey: Int = 0,
    weight: Float = 1, to gradients: Gradients,
    summedBy sum: GradientSum? = nil, progress: (StepEngine.Progress) throws -> Void
  ) throws -> StepEngine.Outcome {
    let (prepared, source) = (texts[batch.dataset], sources[batch.dataset])
    var engine = source.engine
    engine.loss = source.loss(ofBatch: number, seed: arguments.seed)
    return try engine.run(
      prepared.tokens.texts(of: batch.rows),
      guide: prepared.guide?.columns(of: batch.rows) ?? [], labels: source.labels(of: batch.rows),
      dropout: dropout, firstRowKey: firstRowKey, weight: weight, into: gradients, summedBy: sum,
      progress: progress)
  }

  /// Adds the gradients of one batch to `gradients`, without a word on the way.
  package func addGradients(
    of batch: DatasetBatch, dropout: DropoutKey?, to gradients: Gradients
  ) throws -> StepEngine.Outcome {
    try addGradients(of: batch, dropout: dropout, to: gradients, progress: { _ in })
  }

  /// The texts of some rows by column, as the model sees them.
  ///
  /// - Precondition: ``prepare(observer:)`` has been called.
  package func texts(of batch: DatasetBatch) -> [[TokenizedText]] {
    texts[batch.dataset].tokens.texts(of: batch.rows)
  }
}
