import Losses
import Tensors
import TestSupport
import Testing

/// How the work is cut does not show in the result.
@Suite(.serialized) struct LossBlockTests {
  /// More rows than a tile of candidates has, and widths that no tile divides.
  static let columns = (0..<3).map { Tensor(random: [531, 200], seed: 10 + $0) }
  static let guide = (0..<3).map { Tensor(random: [531, 37], seed: 20 + $0) }

  private static func results(blockRows: Int?) throws -> [LossResult] {
    var gist = try GISTEmbedLoss(temperature: 0.05, marginStrategy: .relative, margin: 0.1)
    gist.blockRows = blockRows
    var joint = try MultipleNegativesRankingLoss(
      directions: Set(MultipleNegativesRankingLoss.Direction.allCases),
      hardnessMode: .allNegatives, hardnessStrength: 5)
    joint.blockRows = blockRows
    var symmetric = try MultipleNegativesRankingLoss(
      scale: 0.1, similarity: .dot, directions: [.queryToDoc, .docToQuery],
      partitionMode: .perDirection)
    symmetric.blockRows = blockRows
    return [
      gist.valueAndGradients(columns, guide: guide),
      joint.valueAndGradients(columns, guide: []),
      symmetric.valueAndGradients(columns, guide: []),
    ]
  }

  @Test(arguments: [1, 3, 100]) func theHeightOfABlockChangesNothing(rows: Int) throws {
    let expected = try Self.results(blockRows: 531)
    for (found, wanted) in zip(try Self.results(blockRows: rows), expected) {
      expectClose([found.value], [wanted.value], relative: 1e-7, absolute: 0, "value")
      for (gradient, other) in zip(found.gradients, wanted.gradients) {
        let numbers = other.elements.map(Double.init)
        let largest = numbers.map(abs).max() ?? 0
        expectClose(gradient.elements, numbers, relative: 1e-5, absolute: 2e-6 * largest)
      }
    }
  }

  @Test func theNumberOfThreadsChangesNothingAtAll() throws {
    defer { WorkerPool.setThreadCount(0) }
    WorkerPool.setThreadCount(1)
    let one = try Self.results(blockRows: 100)
    for threads in [2, 3] {
      WorkerPool.setThreadCount(threads)
      for (found, wanted) in zip(try Self.results(blockRows: 100), one) {
        #expect(found.value == wanted.value)
        #expect(found.gradients.map(\.elements) == wanted.gradients.map(\.elements))
      }
    }
  }
}
