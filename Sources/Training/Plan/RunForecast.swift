public import JSONValues
internal import Datasets
internal import Losses
internal import Encoders

/// What a run will take, without running it: steps, memory and where it goes, time.
public struct RunForecast: Sendable {
  /// Tokens of the batches, all columns together; a text counts as long as the model sees it.
  public struct Tokens: Sendable {
    /// The mean of a batch.
    public let mean: Double
    /// The largest batch looked at.
    public let largest: Int
    /// How many batches were looked at.
    public let batchCount: Int
    /// The share of texts that are cut.
    public let truncatedShare: Double
  }

  /// Predicted bytes of resident memory, at the step that takes the most.
  public struct Memory: Sendable {
    /// The model's weights.
    public let weights: Int
    /// The gradients: those of tables of embeddings only for the rows that a batch looks up.
    public let gradients: Int
    /// AdamW's moments.
    public let optimizer: Int
    /// What the tapes keep.
    public let activations: Int
    /// The batch's embeddings and their gradients, and a block of scores.
    public let loss: Int
    /// Token ids and the guide's embeddings of all rows.
    public let caches: Int
    /// What a mini-batch takes on its way back, the program, the file of weights, texts, and memory
    /// that waits to be used again.
    public let other: Int
    /// All together.
    public var peak: Int {
      weights + gradients + optimizer + activations + loss + caches + other
    }
  }

  /// Predicted seconds of a step of mean size.
  public struct Seconds: Sendable {
    /// Encoding, also that of mini-batches that are encoded twice.
    public let encode: Double
    /// The loss.
    public let loss: Double
    /// Going back.
    public let backward: Double
    /// AdamW.
    public let optimizer: Double
    /// All together.
    public var step: Double { encode + loss + backward + optimizer }
  }

  /// What is known of the run without measuring.
  public let summary: RunSummary
  /// The tokens of the batches.
  public let tokens: Tokens
  /// How many mini-batches the largest batch has, and how many of them are encoded twice.
  public let miniBatches: Int
  /// How many of them are encoded twice since `runtime.memory` does not hold their activations.
  public let replayed: Int
  /// Predicted memory.
  public let memory: Memory
  /// What the embeddings of a batch take, in bytes.
  public let embeddingBytes: Int
  /// Predicted time.
  public let seconds: Seconds
  /// What is likely wrong, or could be better; a line each.
  public let advice: [String]

  /// The time of all steps; evaluation, checkpoints and what comes before the first step come on
  /// top.
  public var totalSeconds: Double { seconds.step * Double(summary.plan.totalSteps) }

  /// Reads what the run needs and takes a few mini-batches through real steps.
  ///
  /// Nothing is written but what `recipe check` writes into the store.
  ///
  /// - Parameter recipe: The recipe.
  /// - Throws: What creating a ``TrainingRun`` throws.
  public init(_ recipe: Recipe) throws {
    var recipe = recipe
    recipe.args.outputDir += "/.plan"  // what is in the run's directory is no matter here
    let run = try TrainingRun(recipe, isRehearsal: true)
    let measured = try StepMeasurement(run)
    let survey = BatchSurvey(run)
    let model = MemoryModel(run, measured, survey)
    let source = run.sources[survey.largest.dataset]
    summary = run.summary
    tokens = Tokens(
      mean: survey.meanTokens, largest: survey.largest.tokens, batchCount: survey.batchCount,
      truncatedShare: survey.truncatedShare)
    miniBatches = source.engine.miniBatches(lengths: survey.largest.lengths).count
    replayed = model.replayed
    memory = model.memory
    embeddingBytes = 4 * run.encoder.dimension * survey.largest.lengths.count
    let batches = Double(run.plan.accumulation)
    let share = batches * survey.meanTokens / Double(measured.tokens)
    let again = 1 + Double(replayed) / Double(miniBatches)
    let loss = zip(run.sources, survey.shares).reduce(0) { sum, part in
      sum + part.1
        * StepMeasurement.lossSeconds(
          part.0.engine.loss, rows: min(recipe.args.trainBatchSize, part.0.dataset.rowCount),
          columns: part.0.dataset.columns.count, dimension: run.encoder.dimension)
    }
    seconds = Seconds(
      encode: share * measured.forwardSeconds * again, loss: batches * loss,
      backward: share * measured.backwardSeconds, optimizer: measured.optimizerSeconds)
    advice = ForecastAdvice.lines(recipe, run, survey, model)
  }

  /// The forecast as JSON, bytes and seconds as numbers.
  public var json: JSONValue {
    let plan = summary.plan
    return [
      "steps": .integer(plan.totalSteps), "epochs": .integer(plan.epochs),
      "warmup_steps": .integer(plan.warmupSteps),
      "negatives_per_anchor": .array(summary.datasets.map { .integer($0.negativesPerAnchor) }),
      "tokens_per_batch": [
        "mean": .number(tokens.mean), "largest": .integer(tokens.largest),
        "batches_counted": .integer(tokens.batchCount),
        "truncated_share": .number(tokens.truncatedShare),
      ],
      "mini_batches": .integer(miniBatches), "replayed_mini_batches": .integer(replayed),
      "memory": [
        "weights": .integer(memory.weights), "gradients": .integer(memory.gradients),
        "optimizer": .integer(memory.optimizer), "activations": .integer(memory.activations),
        "loss": .integer(memory.loss), "caches": .integer(memory.caches),
        "other": .integer(memory.other), "peak": .integer(memory.peak),
      ],
      "seconds_per_step": [
        "encode": .number(seconds.encode), "loss": .number(seconds.loss),
        "backward": .number(seconds.backward), "optimizer": .number(seconds.optimizer),
        "step": .number(seconds.step),
      ],
      "total_seconds": .number(totalSeconds),
      "advice": .array(advice.map { .string($0) }),
    ]
  }
}
