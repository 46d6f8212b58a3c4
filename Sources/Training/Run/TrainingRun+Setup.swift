public import Encoders
internal import FoundationEssentials
internal import Optimizers
internal import Tensors

extension TrainingRun {
  /// Refuses a directory that holds a run: continuing one is not there yet, and to write over it
  /// would lose it.
  static func checkThatNothingIsThere(_ path: String) throws {
    let manager = FileManager.default
    var isDirectory = false
    guard manager.fileExists(atPath: path, isDirectory: &isDirectory) else { return }
    let names = isDirectory ? try manager.contentsOfDirectory(atPath: path) : []
    guard isDirectory, names.isEmpty || names == ["README.md"] else {
      throw RunError(
        .output,
        isDirectory
          ? "is not empty, and continuing a run is not supported yet: choose another output_dir "
            + "or remove it" : "is a file, not a directory: choose another output_dir",
        place: absolute(path))
    }
  }

  /// What computes the matrix products.
  static func kernels(_ precision: ElementType) -> String {
    let library = "OpenBLAS " + MatrixProduct.coreName
    return "\(PackedProduct.Form.best(for: precision)), \(library) for the loss"
  }

  /// What keeps the machine from its best speed; nil if nothing is known to.
  static func hindrance(_ precision: ElementType) -> String? {
    if precision == .bf16, PackedProduct.Form.best(for: .bf16).name != "AVX512-BF16" {
      return "this processor has no products of bf16: they are computed in fp32, no faster than it"
    }
    return MatrixProduct.hindrance
  }

  func createOutputDirectory() throws {
    let path = arguments.outputDir
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw RunError(
        .output,
        "cannot be created; check the path and its permissions, or choose another "
          + "output_dir", place: absolute(path))
    }
  }
}

extension StepEngine {
  /// How many tokens a mini-batch has.
  ///
  /// Enough to keep all threads busy, few enough to keep what a layer works on near the processor.
  package static let tokensPerMiniBatch = 4096
}

extension Recipe.Model {
  /// What the recipe changes of what the model's directory says.
  public var overrides: SentenceEncoder.Overrides {
    SentenceEncoder.Overrides(
      maxSequenceLength: maxSeqLength, dropout: dropout,
      pooling: pooling.flatMap { PoolingMode(rawValue: $0.rawValue) }, normalizes: normalize)
  }
}

extension TrainingArguments {
  /// How activations are stored.
  var precision: ElementType { fp16 ? .fp16 : bf16 ? .bf16 : .fp32 }
}

extension TrainingArguments.LearningRateScheduler {
  /// The schedule's kind.
  var kind: LearningRateSchedule.Kind {
    switch self {
    case .linear: return .linear
    case .constant: return .constant
    case .constantWithWarmup: return .constantWithWarmup
    case .cosine: return .cosine
    }
  }
}

extension Duration {
  /// The duration in seconds.
  package var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
