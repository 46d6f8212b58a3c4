internal import Checkpoints
internal import Encoders
internal import JSONValues
package import Ranks
internal import Tensors

/// A rank other than 0: does what rank 0 asks for until that says that the run is over.
package final class RankFollower {
  private let ranks: RankGroup
  private let makeRun: () throws -> TrainingRun
  private let shouldStop: () -> Bool
  private var run: TrainingRun?
  /// Models that are not trained, by their directories.
  private var others: [String: SentenceEncoder] = [:]

  /// Creates a follower.
  ///
  /// - Parameters:
  ///   - ranks: The processes of the run.
  ///   - shouldStop: Asked after each mini-batch; if so, the step is given up on all ranks, and rank
  ///     0 saves a checkpoint.
  ///   - makeRun: Reads the run as rank 0 has.
  package init(
    _ ranks: RankGroup, shouldStop: @escaping () -> Bool,
    makeRun: @escaping () throws -> TrainingRun
  ) {
    (self.ranks, self.makeRun, self.shouldStop) = (ranks, makeRun, shouldStop)
  }

  /// Tells the other ranks that the run is over; for rank 0.
  package static func dismiss(_ ranks: RankGroup) throws { try RankOrder.end.tell(ranks) }

  private enum Next { case step, end }

  /// Follows until the end.
  ///
  /// - Throws: What reading the run and taking steps throw, as on rank 0; `RankError`.
  package func follow() throws {
    guard try next() == .step, let run else { return }
    var isOver = false
    try run.plan.forEachStep(of: run.sampler, from: run.state.position) { planned in
      do { try run.follow(planned, shouldStop) } catch is StepAbandoned {}
      isOver = try next() == .end
      return !isOver
    }
    while !isOver { isOver = try next() == .end }
  }

  /// Obeys until a step is to be taken or all is over.
  private func next() throws -> Next {
    while true {
      switch try RankOrder.next(ranks) {
      case .begin:
        let run = try makeRun()
        self.run = run
        try run.meetAtBeginning(ranks)
      case .prepare:
        try run?.prepare()
        try ranks.meet()
      case .step: return .step
      case .encode(let order):
        do {
          _ = try ranks.encode(
            order.texts, by: encoder(in: order.directory), tokensPerBatch: order.tokensPerBatch,
            precision: order.precision
          ) { _ in if shouldStop() { throw StepAbandoned() } }
        } catch is StepAbandoned {}
      case .end: return .end
      }
    }
  }

  private func encoder(in directory: String) throws -> SentenceEncoder {
    if directory.isEmpty, let run { return run.encoder }
    if let found = others[directory] { return found }
    let made = try SentenceEncoder(directory: directory)
    others[directory] = made
    return made
  }
}

extension TrainingRun {
  /// Takes a step that rank 0 takes.
  fileprivate func follow(_ planned: PlannedStep, _ shouldStop: () -> Bool) throws {
    let report = try take(planned, { if shouldStop() { throw StepAbandoned() } }, { _ in })
    note(report, planned)
  }

  /// Waits until all ranks have read the run, and checks that they have read the same.
  ///
  /// - Throws: `RankError`; ``RunError`` with the rank that has read something else.
  func meetAtBeginning(_ ranks: RankGroup) throws {
    try ranks.meet()
    let digest = FileDigest(of: JSONValue.object(identity.json).text().utf8)
    // As many bits as a Double holds.
    let number = digest.bytes.prefix(6).reduce(0.0) { $0 * 256 + Double($1) }
    let steps = try ranks.gather(Double(state.step))
    let numbers = try ranks.gather(number)
    guard
      let other = (1..<ranks.count).first(where: {
        steps[$0] != steps[0] || numbers[$0] != numbers[0]
      })
    else { return }
    throw RunError(
      .data,
      steps[other] != steps[0]
        ? "begins after step \(Int(steps[other])) and rank 0 after step \(Int(steps[0])): output_dir "
          + "must be on a file system that all ranks share"
        : "has read another recipe, data or models than rank 0: let all ranks see the same files",
      place: ranks.name(of: other))
  }
}
