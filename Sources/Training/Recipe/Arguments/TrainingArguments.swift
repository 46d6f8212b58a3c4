public import JSONValues

/// The arguments of `SentenceTransformerTrainingArguments` that ktrain honours, with the defaults
/// of sentence-transformers 6.2 on transformers 5.23.
///
/// A recipe may name every argument that those releases, or the older ones whose model cards it is
/// pasted from, have; see ``withoutEffect`` and `UnsupportedArgument`.
public struct TrainingArguments: Hashable, Sendable {
  // MARK: Length of the run and batches

  /// Where the run writes.
  public var outputDir = "checkpoints/recipe"
  /// How often the data is gone through: above 0, perhaps a fraction.
  public var numTrainEpochs = 3.0
  /// The number of steps; 0 or less: as many as the epochs have.
  public var maxSteps = -1
  /// The rows of a training batch.
  public var trainBatchSize = 8
  /// The rows of a batch of which the evaluation loss is taken.
  public var evalBatchSize = 8
  /// How many batches' gradients are averaged for one step.
  public var gradientAccumulationSteps = 1
  /// Whether a last batch with fewer rows is left out.
  public var dataloaderDropLast = false
  /// How batches are drawn from a data set.
  public var batchSampler = BatchSampler.batchSampler
  /// The order in which a sampler goes through the rows.
  public var batchOrder = BatchOrder.random
  /// How batches of several data sets follow each other.
  public var multiDatasetBatchSampler = MultiDatasetBatchSampler.proportional
  /// Texts put before the texts of columns.
  public var prompts = Prompts.none
  /// The seed of everything random, below 2^32.
  public var seed = 42
  /// The seed of the default sampler; nil: `seed`.
  public var dataSeed: Int?

  // MARK: Optimizer

  /// The largest learning rate of the schedule.
  public var learningRate = 5e-5
  /// Learning rates of parameters by a regular expression on their names.
  public var learningRateMapping: [Named<Double>] = []
  /// The course of the learning rate.
  public var scheduler = LearningRateScheduler.linear
  /// The steps in which the learning rate rises from 0.
  public var warmupSteps = StepCount.steps(0)
  /// The older name of a share in `warmupSteps`, into which reading a recipe turns it.
  var warmupRatio: Double?
  /// The decay of weights, decoupled from the gradient; biases and norms have none.
  public var weightDecay = 0.0
  /// The decay rate of the gradient's first moment, in [0, 1).
  public var adamBeta1 = 0.9
  /// The decay rate of the gradient's second moment, in [0, 1).
  public var adamBeta2 = 0.999
  /// What is added to the root of the second moment.
  public var adamEpsilon = 1e-8
  /// The length to which longer gradients are scaled down; 0: they are not.
  public var maxGradNorm = 1.0
  /// How many seconds the ranks of a run wait for one another, at least 1.
  public var ddpTimeout = 1800
  /// Whether activations are 16-bit floating-point numbers of IEEE 754.
  public var fp16 = false
  /// Whether activations are bfloat16.
  public var bf16 = false

  // MARK: Log, evaluation, checkpoints

  /// When the log gets a line.
  public var loggingStrategy = IntervalStrategy.steps
  /// The steps between two lines.
  public var loggingSteps = StepCount.steps(500)
  /// Whether the first step gets a line.
  public var loggingFirstStep = false
  /// Where, besides `log.jsonl`, the log goes.
  public var reportTo: [Reporter] = []
  /// Where TensorBoard's event files go; nil: into a directory of `runs` in `output_dir`.
  public var loggingDir: String?
  /// The run's name in reports; nil: none.
  public var runName: String?
  /// When the model is evaluated.
  public var evalStrategy = IntervalStrategy.no
  /// The steps between two evaluations; not nil if the strategy is `steps`.
  public var evalSteps: StepCount?
  /// The steps or, with the strategy `epoch`, epochs before the first evaluation.
  public var evalDelay = 0.0
  /// Whether the model is evaluated before the first step.
  public var evalOnStart = false
  /// When a checkpoint is saved.
  public var saveStrategy = SaveStrategy.steps
  /// The steps between two checkpoints.
  public var saveSteps = StepCount.steps(500)
  /// How many checkpoints are kept; nil: all.
  public var saveTotalLimit: Int?
  /// Whether checkpoints lack what a resumed run would need.
  public var saveOnlyModel = false
  /// Whether the best checkpoint's model becomes the final one.
  public var loadBestModelAtEnd = false
  /// The metric by which checkpoints are compared; not nil if `loadBestModelAtEnd`.
  public var metricForBestModel: String?
  /// Whether a larger metric is better; not nil if there is a metric.
  public var greaterIsBetter: Bool?
  /// The checkpoint to continue; nil: as the command says.
  public var resumeFromCheckpoint: String?

  /// The arguments of the recipe that have no effect here whatever their value, as written: to be
  /// listed once when a run starts.
  public var withoutEffect = JSONObject()

  /// Creates the defaults.
  public init() {}
}
