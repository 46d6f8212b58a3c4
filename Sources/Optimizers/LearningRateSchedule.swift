internal import Glibc

/// How the learning rate changes over a run: the names of Hugging Face's `lr_scheduler_type`.
public struct LearningRateSchedule: Hashable, Sendable {
  /// The shape after the warm-up.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Falls in a straight line to 0 at the last step.
    case linear
    /// Stays; without a warm-up.
    case constant
    /// Stays.
    case constantWithWarmup = "constant_with_warmup"
    /// Falls to 0 along half a cosine.
    case cosine
  }

  /// The shape after the warm-up.
  public let kind: Kind
  /// The learning rate at the end of the warm-up.
  public let peak: Double
  /// How many steps the warm-up takes.
  public let warmupSteps: Int
  /// How many steps the run takes.
  public let totalSteps: Int

  /// Creates a schedule.
  ///
  /// - Parameters:
  ///   - kind: The shape after the warm-up.
  ///   - peak: The learning rate at the end of the warm-up.
  ///   - warmupSteps: How many steps the warm-up takes.
  ///   - totalSteps: How many steps the run takes.
  public init(kind: Kind = .linear, peak: Double, warmupSteps: Int, totalSteps: Int) {
    self.kind = kind
    self.peak = peak
    self.warmupSteps = warmupSteps
    self.totalSteps = totalSteps
  }

  /// The learning rate of a step.
  ///
  /// - Parameter step: How many steps have been taken before. With a warm-up the first step runs at
  ///   0, as it does in transformers.
  /// - Returns: The learning rate.
  public func learningRate(at step: Int) -> Double {
    if kind != .constant, step < warmupSteps {
      return peak * (Double(step) / Double(max(1, warmupSteps)))
    }
    let rest = Double(max(1, totalSteps - warmupSteps))
    switch kind {
    case .constant, .constantWithWarmup: return peak
    case .linear: return peak * max(0, Double(totalSteps - step) / rest)
    case .cosine:
      let progress = Double(step - warmupSteps) / rest
      return peak * max(0, 0.5 * (1 + cos(.pi * 0.5 * 2 * progress)))
    }
  }
}
