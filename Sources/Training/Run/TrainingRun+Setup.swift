public import Encoders
internal import Optimizers
internal import Tensors

extension TrainingRun {
  /// What computes the matrix products.
  static func kernels(_ precision: ElementType) -> String {
    let library = "OpenBLAS " + MatrixProduct.coreName
    return "\(PackedProduct.Form.best(for: precision)), \(library) for the loss"
  }

  /// What keeps the machine from its best speed; nil if nothing is known to.
  static func hindrance(_ precision: ElementType) -> String? {
    if precision == .bf16, !PackedProduct.Form.best(for: .bf16).multipliesHalves {
      return "this processor has no fast products of bf16: they are computed in fp32, and as slowly"
    }
    return MatrixProduct.hindrance
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
