/// Cutting a set of texts into mini-batches of about equal work.
public enum TokenBudget {
  /// Groups texts of similar length, longest first, so that each group has at most so many tokens.
  ///
  /// - Parameters:
  ///   - lengths: The number of tokens of each text.
  ///   - tokens: How many tokens a group may have; a text longer than that is a group of its own.
  /// - Returns: Groups of indices into `lengths`, each index once. Longest first means that memory
  ///   is at its peak at once, not after an hour.
  public static func groups(lengths: [Int], tokens: Int) -> [[Int]] {
    let order = lengths.indices.sorted { (-lengths[$0], $0) < (-lengths[$1], $1) }
    var groups: [[Int]] = []
    var filled = 0
    for index in order {
      if groups.isEmpty || filled + lengths[index] > tokens {
        groups.append([])
        filled = 0
      }
      groups[groups.count - 1].append(index)
      filled += lengths[index]
    }
    return groups
  }
}
