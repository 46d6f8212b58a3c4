/// How long the phases of a step took, in seconds.
public struct PhaseTimes: Sendable {
  /// Texts to embeddings.
  public internal(set) var encode = 0.0
  /// Embeddings to the loss and their gradient.
  public internal(set) var loss = 0.0
  /// Gradients of embeddings to those of weights, mini-batches that are encoded again included.
  public internal(set) var backward = 0.0
  /// Waiting for other ranks, and what goes from one to another; 0 without any.
  public internal(set) var exchange = 0.0
  /// Gradients to new weights: norm, clipping, AdamW.
  public internal(set) var optimizer = 0.0

  /// Adds another's times.
  static func += (sum: inout PhaseTimes, other: PhaseTimes) {
    sum.encode += other.encode
    sum.loss += other.loss
    sum.backward += other.backward
    sum.exchange += other.exchange
    sum.optimizer += other.optimizer
  }
}

/// Takes the time of phases that follow one another.
struct PhaseClock {
  private(set) var times = PhaseTimes()
  private var last = ContinuousClock.now

  /// A phase is over; the next one begins.
  mutating func end(_ phase: StepEngine.Phase) {
    let now = ContinuousClock.now
    let seconds = (now - last).seconds
    last = now
    switch phase {
    case .encode: times.encode += seconds
    case .loss: times.loss += seconds
    case .backward: times.backward += seconds
    case .exchange: times.exchange += seconds
    case .optimizer: times.optimizer += seconds
    }
  }
}
