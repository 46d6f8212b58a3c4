/// How two lists of numbers go together; the values of scipy 1.17's `pearsonr` and `spearmanr`,
/// checked by `PairReportTests`.
package enum Correlation {
  /// Pearson's: the cosine of the lists after their means are taken off.
  ///
  /// - Parameters:
  ///   - left: Two numbers or more.
  ///   - right: As many.
  /// - Returns: From -1 to 1; not a number if a list is constant or has a number that is not finite.
  package static func pearson(_ left: [Double], _ right: [Double]) -> Double {
    precondition(
      left.count == right.count && left.count >= 2,
      "Correlation: lists of \(left.count) and \(right.count) numbers")
    guard isVaried(left), isVaried(right) else { return .nan }
    if left.count == 2 {
      return (left[1] > left[0]) == (right[1] > right[0]) ? 1 : -1
    }
    let (one, other) = (unit(left), unit(right))
    return min(1, max(-1, zip(one, other).reduce(0) { $0 + $1.0 * $1.1 }))
  }

  /// Spearman's: Pearson's of the ranks, equal numbers having the mean of theirs.
  ///
  /// - Parameters:
  ///   - left: Two numbers or more.
  ///   - right: As many.
  /// - Returns: As ``pearson(_:_:)``.
  package static func spearman(_ left: [Double], _ right: [Double]) -> Double {
    guard isVaried(left), isVaried(right) else { return .nan }
    return pearson(ranks(left), ranks(right))
  }

  private static func isVaried(_ numbers: [Double]) -> Bool {
    numbers.allSatisfy(\.isFinite) && numbers.contains { $0 != numbers[0] }
  }

  private static func unit(_ numbers: [Double]) -> [Double] {
    let mean = numbers.reduce(0, +) / Double(numbers.count)
    let centred = numbers.map { $0 - mean }
    // Divided by the largest first, so that squares neither overflow nor vanish.
    let largest = centred.map(abs).max() ?? 1
    let length = largest * centred.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
    return centred.map { $0 / length }
  }

  /// Ranks from 1.
  private static func ranks(_ numbers: [Double]) -> [Double] {
    let order = numbers.indices.sorted { numbers[$0] < numbers[$1] }
    var ranks = [Double](repeating: 0, count: numbers.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, numbers[order[end]] == numbers[order[start]] { end += 1 }
      // The mean of start + 1 … end.
      for place in start..<end { ranks[order[place]] = Double(start + 1 + end) / 2 }
      start = end
    }
    return ranks
  }
}
