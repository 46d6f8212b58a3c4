internal import Checkpoints
internal import Datasets
package import Encoders
internal import JSONValues
package import Optimizers
package import Ranks
internal import Reports
package import Sampling
internal import Tensors

/// One training run, from a recipe to the trained model.
///
/// Creating it reads and checks all that the run needs; nothing is written before ``run(observer:)``
/// begins, so a run that cannot start leaves nothing behind.
public final class TrainingRun {
  /// The recipe.
  public let recipe: Recipe
  /// How many steps there are, and which batches each takes.
  public let plan: RunPlan
  /// What is known before the first step.
  public let summary: RunSummary

  let arguments: TrainingArguments
  package let encoder: SentenceEncoder
  var sources: [TrainingSource]
  package let sampler: any MultiDatasetBatchSampler
  /// Of each source how many rows its clusters have; nil of those without clusters.
  let clusterSizes: [[Int]?]
  let evaluators: [any ModelEvaluator]
  /// The data sets of which the evaluation loss is taken.
  let evaluationLosses: [EvaluationLoss]
  let schedule: LearningRateSchedule
  package let optimizer: AdamW
  /// Where the run stands.
  var state = RunState()
  /// The last step of which there is a checkpoint; nil if there is none.
  var savedStep: Int?
  let backgroundSave = BackgroundSave()
  /// Where it begins.
  let resumption: Resumption
  let directory: RunDirectory
  let identity: RunIdentity
  let digests: ModelDigests
  let store: DatasetStore
  /// Whether a step is tried for which the memory seems too small.
  let ignoresMemory: Bool
  /// The processes that share the work; nil: this one does all of it.
  let ranks: RankGroup?
  /// For each source what its steps read; empty before ``prepare(observer:)``.
  var texts: [PreparedTexts] = []
  /// The same for each evaluation loss; empty also if the model is never evaluated.
  var evaluationTexts: [PreparedTexts] = []
  /// What reports and cards say beyond recipe and log; empty before the run begins.
  var facts = RunFacts([:])

  /// Reads model, data and evaluators.
  ///
  /// - Parameters:
  ///   - recipe: The recipe.
  ///   - policy: Which checkpoint is continued.
  ///   - isForced: Whether one of another recipe or other data is continued all the same, and steps
  ///     are tried for which the memory seems too small.
  ///   - isRehearsal: Whether clusters that are not in the store are left out instead of computed:
  ///     then the plan may be a few batches off; and no checkpoint is loaded.
  ///   - observer: Is told what happens.
  /// - Throws: `RecipeError`, `RunError`, `EncoderError`, `TokenizerError`, `CheckpointError`,
  ///   `DatasetError` or `RetrievalError`: one line each.
  public convenience init(
    _ recipe: Recipe, resuming policy: ResumePolicy = .auto, isForced: Bool = false,
    isRehearsal: Bool = false,
    observer: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws {
    try self.init(
      recipe, resuming: policy, isForced: isForced, isRehearsal: isRehearsal, ranks: nil,
      observer: observer)
  }

  /// Reads model, data and evaluators, as a rank of several.
  ///
  /// - Parameters:
  ///   - recipe: The recipe.
  ///   - policy: Which checkpoint is continued.
  ///   - isForced: Whether one of another recipe or other data is continued all the same.
  ///   - isRehearsal: Whether nothing is to be written.
  ///   - ranks: The processes that share the work. Rank 0 calls ``run(observer:shouldStop:)``, the
  ///     others follow it: see ``RankFollower``.
  ///   - observer: Is told what happens.
  /// - Throws: As the initializer for one process.
  package init(
    _ recipe: Recipe, resuming policy: ResumePolicy, isForced: Bool, isRehearsal: Bool = false,
    ranks: RankGroup?, observer: @escaping (TrainingEvent) -> Void
  ) throws {
    try recipe.validateForTraining()
    self.recipe = recipe
    self.ranks = ranks
    arguments = recipe.args
    ignoresMemory = isForced
    try MatrixProduct.open()
    WorkerPool.setThreadCount(recipe.runtime.threads, sharing: ranks?.sharing ?? 1)
    ranks?.setPatience(seconds: arguments.ddpTimeout)
    let encoding = ranks.flatMap { $0.rank == 0 ? RankEncoding($0) : nil }
    SentenceEncoder.share = encoding
    let limit = try MemoryLimit.bytes(
      recipe.runtime.memory?.bytes, sharing: ranks?.localCount ?? 1)
    let encoder = try SentenceEncoder(
      ModelDescription(directory: recipe.model.path, overrides: recipe.model.overrides),
      hashes: true)
    self.encoder = encoder
    encoding?.setTrained(encoder)
    let sources = try Self.sources(recipe, encoder: encoder, memoryLimit: limit, ranks: ranks)
    self.sources = sources
    evaluationLosses = try Self.evaluationLosses(recipe, encoder: encoder, memoryLimit: limit)
    evaluators = try recipe.evaluators.enumerated().map { index, evaluator in
      try evaluator.evaluator(at: "evaluators[\(index)]")
    }
    try BestModel.checkMetric(
      arguments, measured: Self.metricNames(evaluationLosses, evaluators, encoder))
    digests = ModelDigests(known: encoder.weightDigests)
    identity = try RunIdentity(recipe: recipe, digests: digests)
    let isFollower = ranks.map { $0.rank > 0 } ?? false
    directory = try RunDirectory(
      arguments.outputDir, isRehearsal ? .looksAt : isFollower ? .follows : .writes)
    let optimizer = AdamW(
      encoder.model.parameters,
      configuration: .init(
        beta1: arguments.adamBeta1, beta2: arguments.adamBeta2, epsilon: arguments.adamEpsilon,
        weightDecay: arguments.weightDecay))
    self.optimizer = optimizer
    resumption = try ResumptionPlan(
      directory: directory, identity: identity, isForced: isForced, report: observer,
      load: { checkpoint in
        if isRehearsal { return try Manifest.verify(checkpoint.path) }
        try checkpoint.restore(encoder, optimizer)
      }
    ).resumption(policy)
    store = try DatasetStore(directory: recipe.runtime.store)
    let isDone = if case .finished = resumption { true } else { false }
    (sampler, clusterSizes) = try Self.sampler(
      sources, recipe, digests, store, isRehearsal: isRehearsal || isDone, observer: observer)
    if arguments.dataloaderDropLast, arguments.batchSampler != .batchSampler, !isDone,
      sampler.batches(epoch: 0).isEmpty
    {
      throw RunError(
        .data,
        "there is no batch of \(arguments.trainBatchSize) rows without a text that occurs twice, and "
          + "dataloader_drop_last drops smaller ones: lower per_device_train_batch_size",
        place: "train_dataset")
    }
    plan = RunPlan(batchesPerEpoch: sampler.batchesPerEpoch, arguments: arguments)
    schedule = LearningRateSchedule(
      kind: arguments.scheduler.kind, peak: arguments.learningRate,
      warmupSteps: plan.warmupSteps, totalSteps: plan.totalSteps)
    summary = RunSummary(
      model: recipe.model.path,
      parameterCount: encoder.model.parameters.reduce(0) { $0 + $1.value.count },
      datasets: sources.map { $0.summary() }, plan: plan,
      maxSequenceLength: encoder.maxSequenceLength, threads: WorkerPool.threadCount,
      ranks: (count: ranks?.count ?? 1, machines: Set(ranks?.hosts ?? [""]).count),
      kernels: Self.kernels(arguments.precision), precision: arguments.precision,
      hindrance: Self.hindrance(arguments.precision),
      memoryLimit: limit,
      notes: (recipe.loss.values.compactMap(\.remark)
        + (sources + evaluationLosses.map(\.source)).flatMap(\.notes)
        + [arguments.remark(onStepsOf: plan)].compactMap(\.self)).uniqued(),
      argumentsWithoutEffect: arguments.withoutEffect.keys,
      outputDirectory: arguments.outputDir)
    if arguments.fp16 { state.scaler = LossScaler() }
    state.pending.evaluates = arguments.evalOnStart
    if case .after(let checkpoint) = resumption, !isRehearsal {
      try resume(from: checkpoint, observer)
    }
  }

  /// Whether the run was done before, so that nothing is left to do.
  public var isFinished: Bool { if case .finished = resumption { true } else { false } }

  /// Makes what the steps read: token ids and guide embeddings, or takes them from the store.
  ///
  /// - Parameter observer: Is told what happens.
  /// - Throws: What reading the guide and writing the store throw.
  package func prepare(observer: @escaping (TrainingEvent) -> Void = { _ in }) throws {
    guard texts.isEmpty else { return }
    texts = try sources.enumerated().map { index, source in
      try PreparedTexts(
        source, used: usedRows(of: index), model: encoder.description, digests: digests,
        in: store, report: observer)
    }
    guard arguments.evaluates else { return }
    evaluationTexts = try evaluationLosses.map { loss in
      try PreparedTexts(
        loss.source, used: [Bool](repeating: true, count: loss.source.dataset.rowCount),
        model: encoder.description, digests: digests, in: store, report: observer)
    }
  }

  /// What the texts of each data set are like.
  var tokenStatistics: [TokenStatistics] {
    zip(sources, texts).map { source, texts in
      TokenStatistics(of: texts.tokens, in: source, by: encoder.description)
    }
  }

  /// Which rows of a data set the run draws.
  private func usedRows(of index: Int) -> [Bool] {
    var used = [Bool](repeating: false, count: sources[index].dataset.rowCount)
    var left = used.count
    plan.forEachStep(of: sampler) { step in
      // Nothing more to learn, but later epochs would still be planned: the loop is left there.
      for batch in step.batches where batch.dataset == index {
        for row in batch.rows where !used[Int(row)] {
          used[Int(row)] = true
          left -= 1
        }
      }
      return left > 0
    }
    return used
  }
}
