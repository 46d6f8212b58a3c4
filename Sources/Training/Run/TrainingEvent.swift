public import Encoders
public import Tensors

/// What a run tells whoever watches it.
public enum TrainingEvent: Sendable {
  /// Before the first step: something is being computed, and how much of it is.
  case preparing(name: String, done: Int, of: Int)
  /// Before the first step: something is ready; how many of it were computed, and how many taken
  /// from the store.
  case prepared(name: String, computed: Int, stored: Int)
  /// Something that does not stop the run and should be known, on one line.
  case notice(String)
  /// The run is about to take its first step.
  case started(RunSummary)
  /// The run goes on where a checkpoint was saved, after so many steps and with the log until then.
  case resumed(checkpoint: String, step: Int, log: [LogEntry])
  /// The texts are tokenized: what they are like, an element for each data set.
  case tokenized([TokenStatistics])
  /// Inside a step: what is being done and how much of it is.
  case phase(StepProgress)
  /// A step is done.
  case step(StepReport)
  /// A line of the log was written.
  case logged(LogEntry)
  /// An evaluation is under way: how many of its texts are encoded.
  case evaluating(name: String, done: Int, of: Int)
  /// A checkpoint or the final model was written.
  case saved(path: String)
  /// The run is done, and the trained model stands where it says.
  case finished(TrainedModel)
}

/// What is known before the first step.
public struct RunSummary: Sendable {
  /// The model's directory.
  public let model: String
  /// How many weights are trained.
  public let parameterCount: Int
  /// The data sets, in the recipe's order.
  public let datasets: [Dataset]
  /// The plan.
  public let plan: RunPlan
  /// Texts are cut to so many tokens.
  public let maxSequenceLength: Int
  /// How many threads compute; of each rank if there are several.
  public let threads: Int
  /// How many processes share the work, and on how many machines.
  public let ranks: (count: Int, machines: Int)
  /// The kernels of the matrix products.
  public let kernels: String
  /// How activations are stored: fp32, bf16 or fp16.
  public let precision: ElementType
  /// What keeps the machine from its best speed; nil if nothing is known to.
  public let hindrance: String?
  /// How many bytes tensors may take.
  public let memoryLimit: Int
  /// What should be known before the first step and stops nothing, a line each.
  public let notes: [String]
  /// Arguments of the recipe that have no effect here.
  public let argumentsWithoutEffect: [String]
  /// The run's directory.
  public let outputDirectory: String
}

extension RunSummary {
  /// One of the data sets.
  public struct Dataset: Sendable {
    /// Its name; nil for the only one.
    public let name: String?
    /// How many rows it has.
    public let rowCount: Int
    /// The columns in the order in which the loss takes them.
    public let columns: [String]
    /// The labels' column; nil if there is none or the loss takes none.
    public let labels: String?
    /// The loss's class.
    public let loss: String
    /// How many candidates but its positive each anchor has in a full batch.
    public let negativesPerAnchor: Int
  }
}

/// How far a step is.
public struct StepProgress: Sendable {
  /// Which step, from 1.
  public let step: Int
  /// What is being done: `encode`, `loss`, `backward` or `optimizer`.
  public let phase: String
  /// The share of the step that is done, judged by tokens.
  public let share: Double
  /// The share of the loss that is done; nil but while it is computed.
  public let lossShare: Double?
  /// How many of the step's tokens that is.
  public let tokens: Int
  /// How long the step has taken so far.
  public let seconds: Double
}

/// What a run has made.
public struct TrainedModel: Sendable {
  /// The model's directory.
  public let path: String
  /// How far it is from the model that the run began with; nil if that is not there any more.
  public let change: WeightChange?
}

/// What one step was.
public struct StepReport: Sendable {
  /// Which step, from 1.
  public let step: Int
  /// Of how many.
  public let totalSteps: Int
  /// The epoch as a fraction.
  public let epoch: Double
  /// The step's loss.
  public let loss: Double
  /// The norm of the gradient before clipping.
  public let gradientNorm: Double
  /// The learning rate of the step.
  public let learningRate: Double
  /// What the loss was multiplied by; nil but for fp16.
  public let lossScale: Double?
  /// Whether a gradient overflowed under that scale, so that the weights stayed as they were.
  public let isSkipped: Bool
  /// How many tokens the step's texts have.
  public let tokens: Int
  /// How long the step took.
  public let seconds: Double
  /// How many mini-batches it was cut into.
  public let miniBatches: Int
  /// How many of its mini-batches were encoded twice to save memory.
  public let replayed: Int
  /// How long each phase took.
  public let times: PhaseTimes
}
