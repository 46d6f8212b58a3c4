import JSONValues
import Losses
import Tensors
import TestSupport
import Testing

/// Value and gradient against sentence-transformers' own losses, run in double.
@Suite struct GISTEmbedLossTests {
  static let cases = LossCase.all(in: "gist.json")
  /// What `relative_pre_6` is to equal.
  static let earlierCases = LossCase.all(in: "gist_5.json")

  @Test func thereAreCases() {
    #expect(Self.cases.count == 52)
    #expect(Self.earlierCases.count == 9)
  }

  @Test(arguments: cases + earlierCases)
  func equalsThePeer(expected: LossCase) throws {
    expected.expect(
      try GISTEmbedLoss(
        temperature: expected.number("temperature"),
        marginStrategy: try #require(expected.choice("margin_strategy")),
        margin: expected.number("margin"),
        contrastsAnchors: expected.flag("contrast_anchors"),
        contrastsPositives: expected.flag("contrast_positives")))
  }

  /// Every positive is its anchor's text, and there are seven of them: they tie with one another at
  /// every place of a tile, and stay.
  @Test(arguments: [64, 384]) func equalTextsTieWhereverTheyStand(width: Int) throws {
    let (batch, dimension) = (1030, 4)
    let guide = Tensor(random: [7, width], seed: 1).gather((0..<batch).map { $0 % 7 })
    let columns = (0..<2).map { Tensor(random: [batch, dimension], seed: 2 + $0) }
    let found = try GISTEmbedLoss(temperature: 0.5).valueAndGradients(
      columns, guide: [guide, guide])
    // All stay: the loss without a guide, of the same three sections.
    let margin = try GISTEmbedLoss(temperature: 0.5, margin: -3)
    let all = margin.valueAndGradients(columns, guide: [guide, guide])
    #expect(found.value == all.value)
    #expect(found.gradients.map(\.elements) == all.gradients.map(\.elements))
  }

  @Test(arguments: [-1.0, 0.0, .infinity, .nan])
  func impossibleTemperaturesAreRefused(value: Double) {
    let error = #expect(throws: LossError.self) { try GISTEmbedLoss(temperature: value) }
    #expect(error?.code == .value)
    #expect(
      error?.description
        == "temperature: \(value) is not possible: give a finite number above 0")
  }

  @Test func aMarginMustBeANumber() {
    let error = #expect(throws: LossError.self) { try GISTEmbedLoss(margin: .nan) }
    #expect(error?.description == "margin: nan is not possible: give a finite number")
  }

  @Test func needsAGuide() throws {
    let loss = try GISTEmbedLoss()
    #expect(loss.needsGuide && loss.smallestBatch(columns: 2) == 2)
    #expect(loss.smallestBatch(columns: 3) == 1)
  }
}
