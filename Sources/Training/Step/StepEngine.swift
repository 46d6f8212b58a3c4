package import Encoders
package import Losses
package import Ranks
package import Tensors

/// The one algorithm by which every loss is trained.
///
/// 1. The batch's texts are sorted by length and packed into mini-batches by tokens; each is
///    encoded on a tape of its own. Tapes are kept as long as memory lasts; the others are dropped
///    and only their embeddings stay.
/// 2. The loss maps the embeddings to a value and to a gradient for each embedding.
/// 3. Kept tapes are gone back through; a dropped mini-batch is encoded again first, with the same
///    dropout by construction.
///
/// With enough memory this is plain training, with little it is the gradient cache (Gao et al.,
/// 2021), and the result is the same: mini-batches are gone through in one order whatever is kept.
package struct StepEngine {
  package let encoder: SentenceEncoder
  package var loss: any EmbeddingLoss
  /// How many tokens a mini-batch has, unless a single text has more.
  package let tokensPerMiniBatch: Int
  /// How many texts a mini-batch has at most; nil for no such limit.
  package var textsPerMiniBatch: Int?
  /// How many bytes all tensors of the process together may take before tapes are dropped.
  package var memoryLimit: Int
  /// How activations are stored.
  package let precision: ElementType
  /// The processes that share the work; nil: this one does all of it.
  package var ranks: RankGroup?
  /// Whether the batch is one for the loss, however many ranks there are; otherwise each rank has
  /// rows of its own, and no candidates but theirs, as sentence-transformers' `gather_across_devices:
  /// false` has it.
  package var gathers = true

  /// Creates an engine.
  package init(
    encoder: SentenceEncoder, loss: any EmbeddingLoss,
    tokensPerMiniBatch: Int = StepEngine.tokensPerMiniBatch, textsPerMiniBatch: Int? = nil,
    memoryLimit: Int, precision: ElementType = .fp32
  ) {
    self.encoder = encoder
    self.loss = loss
    self.tokensPerMiniBatch = tokensPerMiniBatch
    self.textsPerMiniBatch = textsPerMiniBatch
    self.memoryLimit = memoryLimit
    self.precision = precision
  }

  /// What one batch gave.
  package struct Outcome: Sendable {
    /// The loss of the batch.
    package let loss: Double
    /// How many tokens the texts have, each counted once.
    package let tokens: Int
    /// How many mini-batches there were, and how many of them were encoded twice.
    package let miniBatches: Int
    package let replayed: Int
    /// How long each phase took.
    package let times: PhaseTimes
  }

  /// Where in a step the work is.
  package enum Phase: String, Sendable {
    case encode
    case loss
    case backward
    case exchange
    case optimizer
  }

  /// How far the work on a batch is.
  package struct Progress: Sendable {
    /// Where the work is.
    package let phase: Phase
    /// The share of the work that is done.
    ///
    /// For each token going back counts twice as much as encoding; the loss counts as nothing.
    package let share: Double
    /// The share of the loss that is done, while it is computed.
    package var lossShare: Double?
    /// How many tokens the texts of the batch have.
    package let tokens: Int
  }

  /// Adds the gradients of one batch to `gradients`.
  ///
  /// With several ranks it adds what this rank's texts contribute, which a `GradientSum` makes whole.
  ///
  /// - Parameters:
  ///   - columns: The texts of each column, as many in each.
  ///   - guide: The guide's embeddings of each column, if the loss needs them.
  ///   - labels: The labels of each row, if the loss needs them.
  ///   - dropout: The step's key; nil for no dropout.
  ///   - firstRowKey: What the first text is called where dropout is concerned.
  ///   - weight: What the loss counts in the sum: 1, or less with gradient accumulation.
  ///   - gradients: What the gradients are added to.
  ///   - sum: Is told of gradients of the step's last batch that are final; nil for another batch.
  ///   - progress: Called before and after each mini-batch and each part of the loss; what it throws
  ///     ends the step.
  /// - Returns: The loss of the whole batch, and how this process computed its part.
  /// - Throws: What `progress` throws; of several ranks ``StepAbandoned`` if it threw on another one,
  ///   or `RankError`.
  package func run(
    _ columns: [[TokenizedText]], guide: [Tensor] = [], labels: Tensor? = nil,
    dropout: DropoutKey?, firstRowKey: Int = 0, weight: Float = 1, into gradients: Gradients,
    summedBy sum: GradientSum? = nil,
    progress: (Progress) throws -> Void
  ) throws -> Outcome {
    if let ranks, !gathers {
      return try runApart(
        ranks, columns, guide, labels, dropout, firstRowKey, weight, into: gradients, progress)
    }
    let texts = columns.flatMap { $0 }
    let lengths = texts.map(\.ids.count)
    let shares = ranks.map { BatchShares(lengths: lengths, rankCount: $0.count) }
    let own = ranks.flatMap { shares?.texts[$0.rank] } ?? Array(texts.indices)
    let groups = miniBatches(lengths: own.map { lengths[$0] }).map { $0.map { own[$0] } }
    let tokens = texts.reduce(0) { $0 + $1.ids.count }
    func batch(_ group: [Int]) -> TokenBatch {
      TokenBatch(
        group.map { texts[$0] }, rowKeys: group.map { UInt32(truncatingIfNeeded: firstRowKey + $0) }
      )
    }

    var work = BatchWork(groups.map { group in group.reduce(0) { $0 + texts[$1].ids.count } })
    func current(_ phase: Phase) -> Progress {
      Progress(phase: phase, share: work.share, tokens: tokens)
    }

    var clock = PhaseClock()
    var kept: [(tape: Tape, embeddings: Variable)] = []
    var keeps = true
    var embeddings = Tensor([texts.count, encoder.dimension]) { _ in }
    try ranks.together {
      try progress(current(.encode))
      for (index, group) in groups.enumerated() {
        let before = TensorMemory.usedBytes
        let tape = Tape(isRecording: keeps, precision: precision)
        let result = encoder.embeddings(batch(group), tape: tape, dropout: dropout)
        embeddings.scatter(result.value, to: group)
        work.encoded(index, isKept: keeps)
        if keeps {
          kept.append((tape, result))
          // Going back takes about as much again for a while as one mini-batch has kept.
          let taken = max(0, TensorMemory.usedBytes - before)
          keeps = leavesRoom(used: TensorMemory.usedBytes, taken: taken, limit: memoryLimit)
        }
        try progress(current(.encode))
      }
      clock.end(.encode)
    }
    if let ranks, let shares { try ranks.gather(&embeddings, shares) }
    if ranks != nil { clock.end(.exchange) }

    // Of several ranks each compares some rows with all candidates, if the loss can be parted.
    let part = ranks.flatMap { loss.part(of: $0.part(of: columns[0].count)) }
    var result = LossResult(value: 0, gradients: [])
    try ranks.together {
      try progress(current(.loss))
      result = try (part ?? loss).valueAndGradients(
        embeddings.split(count: columns.count), guide: guide, labels: labels
      ) { share in
        var now = current(.loss)
        now.lossShare = share
        try progress(now)
      }
      clock.end(.loss)
    }
    var gradient = Tensor(stacking: result.gradients)
    if weight != 1 { gradient.scale(by: weight) }
    var value = result.value
    if let ranks, let shares, part != nil {
      value = try ranks.gather(value).reduce(0, +)
      try ranks.sum(&gradient, shares)
    }
    if ranks != nil { clock.end(.exchange) }

    func goBack(_ index: Int) {
      let (tape, embeddings): (Tape, Variable)
      if index < kept.count {
        (tape, embeddings) = kept[index]
        kept[index] = (Tape(isRecording: false), Variable(constant: embeddings.value))
      } else {
        tape = Tape(isRecording: true, precision: precision)
        embeddings = encoder.embeddings(batch(groups[index]), tape: tape, dropout: dropout)
      }
      tape.backward(from: embeddings, gradient: gradient.gather(groups[index]), into: gradients)
      work.wentBack(index)
    }
    // Ranks sum gradients while the last mini-batch makes them final, which cannot be given up then.
    let overlap = shares?.texts.contains { $0.isEmpty } == false ? sum : nil
    try ranks.together {
      try progress(current(.backward))
      for index in groups.indices.dropLast(overlap == nil ? 0 : 1) {
        goBack(index)
        try progress(current(.backward))
      }
      clock.end(.backward)
    }
    if ranks != nil { clock.end(.exchange) }
    if let overlap {
      gradients.didAdd = overlap.ready
      goBack(groups.count - 1)
      gradients.didAdd = nil
      clock.end(.backward)
    }
    return Outcome(
      loss: value, tokens: tokens, miniBatches: groups.count,
      replayed: groups.count - kept.count, times: clock.times)
  }

  /// Adds the gradients of one batch to `gradients`, without a word on the way.
  package func run(
    _ columns: [[TokenizedText]], guide: [Tensor] = [], labels: Tensor? = nil,
    dropout: DropoutKey?, firstRowKey: Int = 0, weight: Float = 1, into gradients: Gradients
  ) throws -> Outcome {
    try run(
      columns, guide: guide, labels: labels, dropout: dropout, firstRowKey: firstRowKey,
      weight: weight, into: gradients, progress: { _ in })
  }

  /// Whether there is room for another tape.
  ///
  /// - Parameters:
  ///   - used: What all tensors take now.
  ///   - taken: What the last tape took.
  ///   - limit: What they may take.
  /// - Returns: Whether the next mini-batch may be kept.
  func leavesRoom(used: Int, taken: Int, limit: Int) -> Bool { 2 * taken <= limit - used }

  /// The mini-batches of a batch.
  ///
  /// - Parameter lengths: The tokens of each text.
  /// - Returns: Indices into `lengths`, each once.
  func miniBatches(lengths: [Int]) -> [[Int]] {
    let groups = TokenBudget.groups(lengths: lengths, tokens: tokensPerMiniBatch)
    guard let limit = textsPerMiniBatch else { return groups }
    return groups.flatMap { group in
      stride(from: 0, to: group.count, by: limit).map {
        Array(group[$0..<min($0 + limit, group.count)])
      }
    }
  }
}
