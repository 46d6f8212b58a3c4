import JSONValues
import Losses
import Tensors
import TestSupport
import Testing

/// Losses that follow a teacher: value and gradient against sentence-transformers' own, run in double.
@Suite struct DistillationLossTests {
  static let cases = LossCase.all(in: "distillation.json")

  @Test func thereAreCases() { #expect(Self.cases.count == 56) }

  @Test(arguments: cases) func equalsThePeer(expected: LossCase) throws {
    expected.expect(try Self.loss(expected.arguments))
  }

  private static func loss(_ block: JSONValue) throws -> any EmbeddingLoss {
    let name = block["similarity_fct"]?.string ?? "pairwise_dot_score"
    let similarity = try #require(PairwiseSimilarity(rawValue: name))
    switch block["name"] {
    case "MarginMSELoss": return MarginMSELoss(similarity: similarity)
    case "DistillKLDivLoss":
      return try DistillKLDivLoss(
        similarity: similarity, temperature: block["temperature"]?.double ?? 1,
        studentTemperature: block["student_temperature"]?.double,
        teacherTemperature: block["teacher_temperature"]?.double)
    default:
      return try MatryoshkaLoss(
        loss(try #require(block["loss"])),
        dimensions: try #require(block["matryoshka_dims"]).numbers.map { Int($0) },
        weights: block["matryoshka_weights"]?.numbers)
    }
  }

  @Test func rowsHaveAsManyLabelsAsTheirDocumentsAskFor() throws {
    let (margin, divergence) = (MarginMSELoss(), try DistillKLDivLoss())
    #expect(margin.labelCounts(columns: 3) == [1, 2] && margin.labelCounts(columns: 5) == [3, 4])
    #expect(divergence.labelCounts(columns: 3) == [2] && divergence.labelCounts(columns: 5) == [4])
    let ranking = try MultipleNegativesRankingLoss()
    #expect(margin.needsLabels && divergence.needsLabels && !ranking.needsLabels)
    #expect(try MatryoshkaLoss(margin, dimensions: [4]).needsLabels)
    #expect(try MatryoshkaLoss(margin, dimensions: [4]).fewestColumns == 3)
    #expect(try !MatryoshkaLoss(ranking, dimensions: [4]).needsLabels)
    #expect(margin.negativesPerAnchor(columns: 4, rows: 9) == 2)
    #expect(ranking.negativesPerAnchor(columns: 4, rows: 9) == 26)
  }

  @Test func impossibleTemperaturesAreRefused() throws {
    for (arguments, name) in [
      ((0, nil, nil), "temperature"), ((.infinity, 1, 1), "temperature"),
      ((1, -1, nil), "student_temperature"), ((1, nil, .nan), "teacher_temperature"),
    ] as [((Double, Double?, Double?), String)] {
      let error = #expect(throws: LossError.self) {
        try DistillKLDivLoss(
          temperature: arguments.0, studentTemperature: arguments.1,
          teacherTemperature: arguments.2)
      }
      #expect(error?.argument == name)
    }
  }

  /// exp(-103) is nothing in single precision, exp(-80) is something.
  @Test func scoresThatVanishAreCounted() throws {
    let labels = Tensor([0, -104, -110, 0, -80, 0], shape: [2, 3])
    let found = try DistillKLDivLoss().vanishing(in: labels)
    #expect(found.count == 2 && found.spread == 110)
    #expect(try DistillKLDivLoss(teacherTemperature: 1.5).vanishing(in: labels).count == 0)
  }

  @Test func progressGrowsToTheEnd() throws {
    let columns = (0..<2).map { Tensor(random: [40, 8], seed: $0) }
    var ranking = try MultipleNegativesRankingLoss()
    ranking.blockRows = 16
    let loss = try MatryoshkaLoss(ranking, dimensions: [8, 4])
    var shares: [Double] = []
    _ = loss.valueAndGradients(columns, guide: [], labels: nil) { shares.append($0) }
    #expect(shares.count == 6 && shares == shares.sorted() && shares[0] < 0.3)
    #expect(abs((shares.last ?? 0) - 1) < 1e-12)
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      _ = try loss.valueAndGradients(columns, guide: [], labels: nil) { _ in throw Stop() }
    }
  }

  @Test func aStepMayTakeSomeOfTheDimensions() throws {
    let columns = (0..<2).map { Tensor(random: [6, 8], seed: $0) }
    let inner = try MultipleNegativesRankingLoss()
    let whole = try MatryoshkaLoss(inner, dimensions: [2, 8, 4], weights: [3, 1, 2])
    let part = try MatryoshkaLoss(inner, dimensions: [8, 2], weights: [1, 3])
    let (found, expected) = (
      whole.taking([2, 0]).valueAndGradients(columns), part.valueAndGradients(columns)
    )
    #expect(found.value == expected.value && found.value > 0)
    #expect(found.gradients.map(\.elements) == expected.gradients.map(\.elements))
  }
}
