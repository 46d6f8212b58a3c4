import Encoders
import JSONValues
import Losses
import Tensors
import TestSupport
import Testing
import Training

/// The step gives the same gradients however it is cut up, with dropout on.
@Suite struct StepEngineTests {
  static let texts = (0..<40).map { index in
    "the parser reads file \(index) " + String(repeating: "and then more ", count: index * 7 % 13)
  }

  private func run(
    tokens: Int, texts: Int? = nil, memory: Int, weight: Float = 1, repeats: Int = 1,
    guided: Bool = false, precision: ElementType = .fp32
  ) throws -> (StepEngine.Outcome, [[Float]]) {
    let encoder = try TinyModel.encoder(dropout: 0.2)
    let loss: any EmbeddingLoss =
      guided
      ? try GISTEmbedLoss(temperature: 0.05, margin: -0.02) : try MultipleNegativesRankingLoss()
    let engine = StepEngine(
      encoder: encoder, loss: loss, tokensPerMiniBatch: tokens, textsPerMiniBatch: texts,
      memoryLimit: memory, precision: precision)
    let ids = encoder.tokenize(Self.texts)
    let columns = [Array(ids[..<20]), Array(ids[20...])]
    let guide = guided ? columns.map { encoder.encode($0) } : []
    let gradients = Gradients()
    var outcome = try engine.run(
      columns, guide: guide, dropout: DropoutKey(seed: 5, step: 3), weight: weight, into: gradients)
    for _ in 1..<max(1, repeats) {
      outcome = try engine.run(
        columns, guide: guide, dropout: DropoutKey(seed: 5, step: 3), weight: weight,
        into: gradients)
    }
    return (
      outcome, encoder.model.parameters.map { gradients.full($0)?.elements ?? [] }
    )
  }

  @Test func progressGoesThroughTheLoss() throws {
    let encoder = try TinyModel.encoder()
    var loss = try MultipleNegativesRankingLoss()
    loss.blockRows = 8
    let engine = StepEngine(encoder: encoder, loss: loss, memoryLimit: .max)
    let ids = encoder.tokenize(Self.texts)
    var shares: [Double] = []
    _ = try engine.run([Array(ids[..<20]), Array(ids[20...])], dropout: nil, into: Gradients()) {
      #expect($0.lossShare == nil || $0.phase == .loss)
      if let share = $0.lossShare { shares.append(share) }
    }
    #expect(shares == [0.4, 0.8, 1])
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try engine.run([ids, ids], dropout: nil, into: Gradients()) {
        if $0.phase == .loss, $0.lossShare != nil { throw Stop() }
      }
    }
  }

  @Test func theNumberOfThreadsChangesNothing() throws {
    defer { WorkerPool.setThreadCount(0) }
    WorkerPool.setThreadCount(1)
    let (one, expected) = try run(tokens: 150, memory: .max, guided: true)
    WorkerPool.setThreadCount(2)
    let (two, actual) = try run(tokens: 150, memory: .max, guided: true)
    #expect(one.loss == two.loss)
    #expect(actual == expected)
  }

  /// Dropped tapes are computed again with the same masks: bit for bit the same.
  @Test(arguments: [false, true])
  func theMemoryLimitChangesNothing(guided: Bool) throws {
    let (kept, expected) = try run(tokens: 150, memory: .max, guided: guided)
    let (dropped, actual) = try run(tokens: 150, memory: 0, guided: guided)
    #expect(kept.replayed == 0 && kept.miniBatches > 3)
    #expect(dropped.replayed == dropped.miniBatches - 1)
    #expect(kept.loss == dropped.loss && kept.tokens == dropped.tokens)
    #expect(actual == expected)
  }

  @Test(
    arguments: [
      (30, nil), (150, nil), (400, 3), (100_000, 1), (100_000, 2), (100_000, 20), (100_000, nil),
    ] as [(Int, Int?)], [false, true])
  func theSizeOfMiniBatchesChangesOnlyTheRounding(size: (Int, Int?), guided: Bool) throws {
    let (whole, expected) = try run(tokens: 1000, memory: .max, guided: guided)
    let (cut, actual) = try run(tokens: size.0, texts: size.1, memory: 0, guided: guided)
    expectClose([cut.loss], [whole.loss], relative: 1e-6, absolute: 0)
    let largest = expected.joined().map(abs).max() ?? 0
    #expect(largest > 0.001)
    for (one, other) in zip(actual, expected) {
      expectClose(
        one, other.map(Double.init), relative: 1e-4, absolute: 1e-5 * Double(largest))
    }
  }

  /// Activations of 16 bits change a gradient by as much as their rounding: bf16 has 8 bits, fp16 11.
  @Test(arguments: [(.bf16, 0.04), (.fp16, 0.005)] as [(ElementType, Double)], [false, true])
  func sixteenBitsAreCloseToThirtyTwo(precision: (ElementType, Double), guided: Bool) throws {
    let (full, expected) = try run(tokens: 1000, memory: .max, guided: guided)
    let (half, actual) = try run(
      tokens: 150, memory: 0, guided: guided, precision: precision.0)
    expectClose([half.loss], [full.loss], relative: precision.1, absolute: 0)
    let distance = zip(actual.joined(), expected.joined()).reduce(0.0) {
      $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1))
    }
    let norm = expected.joined().reduce(0.0) { $0 + Double($1 * $1) }
    let relative = (distance / norm).squareRoot()
    #expect(relative < precision.1 && relative > precision.1 / 100, "\(relative)")
  }

  @Test(arguments: [ElementType.bf16, .fp16])
  func theMemoryLimitChangesNothing(in precision: ElementType) throws {
    let (kept, expected) = try run(tokens: 150, memory: .max, precision: precision)
    let (dropped, actual) = try run(tokens: 150, memory: 0, precision: precision)
    #expect(dropped.replayed == dropped.miniBatches - 1 && kept.replayed == 0)
    #expect(kept.loss == dropped.loss)
    #expect(actual == expected)
  }

  @Test func halvesOfTheWeightAddUp() throws {
    let (_, expected) = try run(tokens: 300, memory: .max)
    let (_, actual) = try run(tokens: 300, memory: .max, weight: 0.5, repeats: 2)
    for (one, other) in zip(actual, expected) {
      expectClose(one, other.map(Double.init), relative: 1e-5, absolute: 1e-8)
    }
  }

  @Test func budgetsGroupAllTextsLongestFirst() {
    let groups = TokenBudget.groups(lengths: [5, 50, 7, 120, 5, 40], tokens: 100)
    #expect(groups == [[3], [1, 5, 2], [0, 4]])
    #expect(TokenBudget.groups(lengths: [], tokens: 10).isEmpty)
  }
}
