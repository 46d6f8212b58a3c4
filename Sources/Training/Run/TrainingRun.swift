internal import Datasets
package import Encoders
internal import JSONValues
internal import Losses
internal import Optimizers
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
  let dataset: TextDataset
  let prompts: [String]
  package let sampler: any BatchSampler
  package let engine: StepEngine
  let evaluators: [InformationRetrievalEvaluator]
  let schedule: LearningRateSchedule
  let optimizer: AdamW
  let identity: RunIdentity

  /// Reads model, data and evaluators.
  ///
  /// - Parameter recipe: The recipe.
  /// - Throws: `RecipeError`, `RunError`, `LossError`, `EncoderError`, `TokenizerError`,
  ///   `CheckpointError`, `DatasetError` or `RetrievalError`: one line each.
  public init(_ recipe: Recipe) throws {
    try recipe.validateForTraining()
    self.recipe = recipe
    arguments = recipe.args
    try MatrixProduct.open()
    WorkerPool.setThreadCount(recipe.runtime.threads)
    let source = recipe.trainDataset.values[0]
    let loss = try recipe.loss.values[0].embeddingLoss
    dataset = try TextDataset(
      contentsOf: source.paths, columns: source.columns, limit: source.limit)
    try Self.check(dataset, loss, recipe)
    encoder = try SentenceEncoder(directory: recipe.model.path, overrides: recipe.model.overrides)
    prompts = dataset.columns.map { recipe.args.prompts.prompt(forColumn: $0.name) ?? "" }
    evaluators = try recipe.evaluators.map { evaluator in
      switch evaluator {
      case .informationRetrieval(let settings): try InformationRetrievalEvaluator(settings)
      }
    }
    sampler = Self.sampler(dataset, arguments)
    plan = RunPlan(batchesPerEpoch: sampler.batchesPerEpoch, arguments: arguments)
    schedule = LearningRateSchedule(
      kind: arguments.scheduler.kind, peak: arguments.learningRate,
      warmupSteps: plan.warmupSteps, totalSteps: plan.totalSteps)
    optimizer = AdamW(
      encoder.model.parameters,
      configuration: .init(
        beta1: arguments.adamBeta1, beta2: arguments.adamBeta2, epsilon: arguments.adamEpsilon,
        weightDecay: arguments.weightDecay))
    let limit = try MemoryLimit.bytes(recipe.runtime.memory?.bytes)
    engine = StepEngine(
      encoder: encoder, loss: loss, tokensPerMiniBatch: StepEngine.tokensPerMiniBatch,
      textsPerMiniBatch: recipe.loss.values[0].miniBatchSize, memoryLimit: limit)
    identity = try RunIdentity(
      recipe: recipe, dataPaths: source.paths, modelDirectory: recipe.model.path)
    try Self.checkThatNothingIsThere(arguments.outputDir)
    summary = RunSummary(
      model: recipe.model.path,
      parameterCount: encoder.model.parameters.reduce(0) { $0 + $1.value.count },
      rowCount: dataset.rowCount, columns: dataset.columns.map(\.name),
      negativesPerAnchor: (dataset.columns.count - 1) * arguments.trainBatchSize - 1, plan: plan,
      maxSequenceLength: encoder.maxSequenceLength, threads: WorkerPool.threadCount,
      kernels: "OpenBLAS " + MatrixProduct.coreName, hindrance: MatrixProduct.hindrance,
      memoryLimit: limit,
      argumentsWithoutEffect: arguments.withoutEffect.keys,
      outputDirectory: arguments.outputDir)
  }
}
