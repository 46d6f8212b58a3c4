internal import Encoders
internal import FoundationEssentials
public import JSONValues
internal import Sampling
public import Tensors

/// Training steps as a run takes them, timed.
///
/// A step is all that `fit` does: tokenization, forward and backward with dropout, clipping, AdamW.
/// The first step is not counted.
public struct StepBenchmark {
  /// The recipe whose steps are taken; its `max_steps` says how many, the first included.
  private let recipe: Recipe

  /// What is measured.
  public struct Settings {
    /// The model's directory.
    public var model: String
    /// A JSONL file of pairs or triplets.
    public var data: String
    /// Rows of a batch.
    public var batchSize = 128
    /// How many steps are counted.
    public var steps = 3
    /// Texts are cut to so many tokens; nil for the model's own.
    public var maxSequenceLength: Int?
    /// The probability of dropout; nil for the model's own.
    public var dropout: Double?
    /// How activations are stored.
    public var precision = ElementType.fp32
    /// What tensors may take; nil for most of what is free.
    public var memory: ByteCount?
    /// How many threads compute, 0 for all.
    public var threads = 0

    /// Creates settings.
    ///
    /// - Parameters:
    ///   - model: The model's directory.
    ///   - data: A JSONL file of pairs or triplets.
    public init(model: String, data: String) {
      self.model = model
      self.data = data
    }
  }

  /// Creates a benchmark.
  ///
  /// - Parameters:
  ///   - settings: What is measured.
  ///   - outputDirectory: A directory that does not exist; the caller removes it.
  /// - Throws: `RecipeError`.
  public init(_ settings: Settings, outputDirectory: String) throws {
    var recipe = try Recipe([
      "model": ["path": .string(settings.model)], "train_dataset": ["path": .string(settings.data)],
      "loss": ["name": "MultipleNegativesRankingLoss"],
      "args": [
        "output_dir": .string(outputDirectory), "max_steps": .integer(settings.steps + 1),
        "per_device_train_batch_size": .integer(settings.batchSize), "learning_rate": 2e-5,
        "save_strategy": "no", "bf16": .bool(settings.precision == .bf16),
        "fp16": .bool(settings.precision == .fp16),
      ],
      "runtime": [
        "threads": .integer(settings.threads), "store": .string(outputDirectory + ".store"),
      ],
    ])
    recipe.model.maxSeqLength = settings.maxSequenceLength
    recipe.model.dropout = settings.dropout
    recipe.runtime.memory = settings.memory
    self.recipe = recipe
  }

  /// The rows of every batch, the first one's included.
  ///
  /// - Returns: `[batches][rows]`.
  /// - Throws: What a run throws before its first step.
  public func batches() throws -> JSONValue {
    let run = try TrainingRun(recipe)
    var batches: [JSONValue] = []
    run.plan.forEachStep(of: run.sampler) { step in
      batches += step.batches.map { .array($0.rows.map { .integer(Int($0)) }) }
      return true
    }
    return .array(batches)
  }

  /// Takes the steps.
  ///
  /// - Returns: Tokens a second (`real`: there is no padding), the median of the seconds of a step,
  ///   the seconds of its phases, the peaks of resident memory and of tensors in MiB, what the matrix
  ///   product reaches on this machine (ours, and OpenBLAS's in fp32), and which share of the faster
  ///   one the floating-point operations of whole steps make up.
  /// - Throws: What a run throws.
  public func measure() throws -> JSONValue {
    let run = try TrainingRun(recipe)
    var reports: [StepReport] = []
    let start = ContinuousClock.now
    try run.prepare()
    let preparation = (ContinuousClock.now - start).seconds
    try run.run { if case .step(let report) = $0 { reports.append(report) } }
    let counted = reports.dropFirst()
    let seconds = counted.map(\.seconds).sorted()
    let tokens = counted.reduce(0) { $0 + $1.tokens }
    let peakMemory = ProcessMemory.peakBytes.map { JSONValue.integer($0 >> 20) } ?? .null
    let total = counted.reduce(0) { $0 + $1.seconds }
    let configuration = run.encoder.model.configuration
    let speed = { (kernels: ProductSpeed.Kernels) in
      ProductSpeed.measure(
        rows: 8192, depth: configuration.width, columns: configuration.intermediateWidth,
        precision: run.summary.precision, kernels: kernels)
    }
    let own = speed(.own)
    let library = run.summary.precision == .fp32 ? speed(.openBLAS) : nil
    let product = max(own.peak, library?.peak ?? 0)
    let phase = { (time: KeyPath<PhaseTimes, Double>) -> JSONValue in
      .number(counted.reduce(0) { $0 + $1.times[keyPath: time] } / Double(counted.count))
    }
    let operations = run.floatingPointOperations(steps: 1..<reports.count)
    return [
      "real_tokens_per_second": .number(Double(tokens) / total),
      "seconds_per_step": .number(seconds[seconds.count / 2]),
      "seconds_per_phase": [
        "tokenize_all": .number(preparation), "encode": phase(\.encode), "loss": phase(\.loss),
        "backward": phase(\.backward), "optimizer": phase(\.optimizer),
      ],
      "peak_rss_mib": peakMemory, "peak_tensors_mib": .integer(TensorMemory.peakBytes >> 20),
      "threads": .integer(WorkerPool.threadCount),
      "kernels": .string(run.summary.kernels),
      "gemm_gflops": [
        "own": .number(own.peak), "own_sustained": .number(own.sustained),
        "openblas": library.map { .number($0.peak) } ?? .null,
        "shape": .string("8192x\(configuration.width)x\(configuration.intermediateWidth)"),
      ],
      "step_gflops": .number(operations / total / 1e9),
      "share_of_gemm": .number(operations / total / 1e9 / product),
      "share_of_sustained_gemm": .number(operations / total / 1e9 / own.sustained),
      "replayed_mini_batches": .integer(counted.reduce(0) { $0 + $1.replayed }),
    ]
  }
}

extension TrainingRun {
  /// The floating-point operations of the matrix products of some steps: forward and twice as many
  /// backward, for each real token; what is computed twice to save memory is not counted twice.
  ///
  /// - Parameter steps: Which steps, from 0.
  /// - Returns: A number of operations.
  func floatingPointOperations(steps: Range<Int>) -> Double {
    let configuration = encoder.model.configuration
    let (width, inner) = (Double(configuration.width), Double(configuration.intermediateWidth))
    let perToken = 2 * (4 * width * width + 2 * width * inner)
    var operations = 0.0
    plan.forEachStep(of: sampler) { step in
      guard steps.contains(step.index) else { return true }
      for text in step.batches.flatMap({ texts(of: $0) }).joined() {
        let length = Double(text.ids.count)
        operations += length * perToken + 4 * length * length * width
      }
      return true
    }
    return 3 * operations * Double(configuration.layerCount)
  }
}
