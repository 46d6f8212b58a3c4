/// Which rank encodes which texts of a batch: as many tokens for each as can be, since time goes by
/// tokens, not by rows.
package struct BatchShares: Hashable, Sendable {
  /// For each rank the texts' places, in ascending order.
  package let texts: [[Int]]

  /// Deals texts out, the longest first, each to the rank that has the fewest tokens so far.
  ///
  /// Rank 0 has a text if there is one.
  ///
  /// - Parameters:
  ///   - lengths: The tokens of each text.
  ///   - rankCount: How many ranks there are.
  package init(lengths: [Int], rankCount: Int) {
    var texts = [[Int]](repeating: [], count: rankCount)
    var tokens = [Int](repeating: 0, count: rankCount)
    for text in lengths.indices.sorted(by: { (lengths[$1], $0) < (lengths[$0], $1) }) {
      let rank = tokens.indices.min { tokens[$0] < tokens[$1] } ?? 0
      texts[rank].append(text)
      tokens[rank] += lengths[text]
    }
    self.texts = texts.map { $0.sorted() }
  }

  /// Which rows of a batch are a rank's, where each has rows of its own: about as many as another's,
  /// one after the other.
  ///
  /// Rank 0 has a row if there is one.
  ///
  /// - Parameters:
  ///   - rank: The rank.
  ///   - rankCount: How many ranks there are.
  ///   - count: How many rows the batch has.
  /// - Returns: The rows.
  package static func rows(of rank: Int, rankCount: Int, count: Int) -> Range<Int> {
    func start(_ rank: Int) -> Int { (count * rank + rankCount - 1) / rankCount }
    return start(rank)..<start(rank + 1)
  }

  /// The places of all texts in the order in which the ranks' rows stand one after another.
  package var order: [Int] { texts.flatMap { $0 } }

  /// How many elements each rank's rows have.
  package func counts(width: Int) -> [Int] { texts.map { $0.count * width } }
}
