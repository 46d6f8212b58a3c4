import JSONValues
import Losses
import Tensors
import TestSupport
import Testing

/// Value and gradient against sentence-transformers' own loss, run in double.
@Suite struct MatryoshkaLossTests {
  static let cases = LossCase.all(in: "matryoshka.json")

  @Test func thereAreCases() { #expect(Self.cases.count == 9) }

  @Test(arguments: cases) func equalsThePeer(expected: LossCase) throws {
    let arguments = expected.arguments
    let inner = try #require(arguments["loss"])
    let weights = arguments["matryoshka_weights"].flatMap { $0.isNull ? nil : $0.numbers }
    let loss = try MatryoshkaLoss(
      Self.loss(inner),
      dimensions: try #require(arguments["matryoshka_dims"]).numbers.map { Int($0) },
      weights: weights)
    #expect(loss.needsGuide == (inner["name"] == "GISTEmbedLoss"))
    if loss.needsGuide { return expected.expect(loss) }
    // The fixture's inputs are GISTEmbedLoss's, too, and have a guide that others do not take.
    expected.expect(Unguided(loss: loss))
  }

  /// A loss that leaves the guide's embeddings alone.
  private struct Unguided: EmbeddingLoss {
    let loss: any EmbeddingLoss
    var needsGuide: Bool { false }
    func smallestBatch(columns: Int) -> Int { loss.smallestBatch(columns: columns) }
    func valueAndGradients(
      _ columns: [Tensor], guide: [Tensor], labels: Tensor?, progress: (Double) throws -> Void
    ) rethrows -> LossResult {
      try loss.valueAndGradients(columns, guide: [], labels: labels, progress: progress)
    }
  }

  private static func loss(_ block: JSONValue) throws -> any EmbeddingLoss {
    if block["name"] == "GISTEmbedLoss" {
      let strategy = block["margin_strategy"]?.string.flatMap {
        GISTEmbedLoss.MarginStrategy(rawValue: $0)
      }
      return try GISTEmbedLoss(
        temperature: try #require(block["temperature"]?.double),
        marginStrategy: strategy ?? .absolute, margin: block["margin"]?.double ?? 0)
    }
    let directions = (block["directions"]?.array ?? ["query_to_doc"]).compactMap { name in
      name.string.flatMap { MultipleNegativesRankingLoss.Direction(rawValue: $0) }
    }
    return try MultipleNegativesRankingLoss(
      scale: try #require(block["scale"]?.double),
      similarity: block["similarity_fct"] == nil ? .cosine : .dot, directions: Set(directions))
  }

  @Test func impossibleArgumentsAreRefused() throws {
    let inner = try MultipleNegativesRankingLoss()
    for (dimensions, weights, argument) in [
      ([], nil, "matryoshka_dims"), ([4, 0], nil, "matryoshka_dims"),
      ([4, 2], [1], "matryoshka_weights"), ([4], [.nan], "matryoshka_weights"),
    ] as [([Int], [Double]?, String)] {
      let error = #expect(throws: LossError.self) {
        try MatryoshkaLoss(inner, dimensions: dimensions, weights: weights)
      }
      #expect(error?.argument == argument)
    }
  }
}
