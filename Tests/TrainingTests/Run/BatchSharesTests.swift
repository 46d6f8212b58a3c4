import TestSupport
import Testing
import Training

/// How the texts of a batch are dealt out to ranks.
@Suite struct BatchSharesTests {
  @Test(arguments: [1, 2, 3, 8]) func eachTextIsOnceAndTokensAreEven(count: Int) {
    var generator = SplitMix(seed: 3)
    let lengths = (0..<200).map { _ in Int.random(in: 3...90, using: &generator) }
    let shares = BatchShares(lengths: lengths, rankCount: count)
    #expect(shares.texts.count == count && shares.order.sorted() == Array(lengths.indices))
    #expect(shares.texts.allSatisfy { $0 == $0.sorted() })
    let tokens = shares.texts.map { $0.reduce(0) { $0 + lengths[$1] } }
    // No rank has more than another by more than the shortest text that could be moved.
    #expect((tokens.max() ?? 0) - (tokens.min() ?? 0) <= 90)
    #expect(shares.counts(width: 7) == shares.texts.map { 7 * $0.count })
  }

  /// What rank 0 knows of gradients counts for all: it must not be the one without a row.
  @Test(arguments: [0, 1, 2, 3, 7, 64]) func eachRowIsOnceAndRankZeroHasOne(count: Int) {
    for rankCount in 1...5 {
      let rows = (0..<rankCount).map {
        BatchShares.rows(of: $0, rankCount: rankCount, count: count)
      }
      #expect(rows.flatMap { Array($0) } == Array(0..<count))
      #expect(rows[0].count == (count + rankCount - 1) / rankCount)
      #expect((rows.map(\.count).max() ?? 0) - (rows.map(\.count).min() ?? 0) <= 1)
    }
  }

  @Test func fewerTextsThanRanks() {
    #expect(BatchShares(lengths: [4, 9], rankCount: 4).texts == [[1], [0], [], []])
  }
}
