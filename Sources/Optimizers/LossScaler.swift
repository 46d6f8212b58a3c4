/// Dynamic loss scaling for gradients that pass through 16-bit floating point with a narrow range.
///
/// The loss is multiplied by a scale, so that small gradients do not vanish, and the gradients are
/// divided by it before they are used. Where one of them overflows, the step is skipped and the
/// scale halved; after many steps in a row without, it is doubled.
///
/// The arithmetic is that of PyTorch's `GradScaler` with the numbers that accelerate uses, checked
/// by `LossScalerTests`.
///
/// Reference: Micikevicius et al., 2018, <https://arxiv.org/abs/1710.03740>, §3.2.
public struct LossScaler: Hashable, Sendable {
  /// What the loss is multiplied by.
  public private(set) var scale: Float
  /// How many steps in a row no gradient has overflowed since the scale last changed.
  public private(set) var growthTracker: Int
  /// What the scale is multiplied by after ``growthInterval`` steps.
  public let growthFactor: Double
  /// What the scale is multiplied by after an overflow.
  public let backoffFactor: Double
  /// After how many steps without overflow the scale grows.
  public let growthInterval: Int

  /// Creates a scaler.
  ///
  /// - Parameters:
  ///   - scale: What the loss is multiplied by at first, more than 0.
  ///   - growthFactor: More than 1.
  ///   - backoffFactor: Between 0 and 1.
  ///   - growthInterval: At least 1.
  ///   - growthTracker: Steps without overflow so far, of a scaler that goes on.
  public init(
    scale: Float = 65_536, growthFactor: Double = 2, backoffFactor: Double = 0.5,
    growthInterval: Int = 2000, growthTracker: Int = 0
  ) {
    precondition(
      scale > 0 && growthFactor > 1 && (0..<1).contains(backoffFactor) && growthInterval >= 1
        && growthTracker >= 0,
      "LossScaler: scale \(scale), factors \(growthFactor) and \(backoffFactor), interval "
        + "\(growthInterval), tracker \(growthTracker)")
    self.scale = scale
    self.growthTracker = growthTracker
    self.growthFactor = growthFactor
    self.backoffFactor = backoffFactor
    self.growthInterval = growthInterval
  }

  /// Takes note of a step.
  ///
  /// - Parameter overflowed: Whether a gradient was infinite or not a number, so that the step was
  ///   skipped.
  public mutating func update(overflowed: Bool) {
    guard !overflowed else {
      scale = Float(Double(scale) * backoffFactor)
      growthTracker = 0
      return
    }
    growthTracker += 1
    guard growthTracker == growthInterval else { return }
    // A scale that would overflow stays as it is.
    let grown = Float(Double(scale) * growthFactor)
    if grown.isFinite { scale = grown }
    growthTracker = 0
  }
}
