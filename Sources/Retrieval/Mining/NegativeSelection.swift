internal import Sampling

/// What makes a candidate a negative, and how many failed by which condition.
struct NegativeSelection {
  private let options: HardNegativeMining
  private let rangeMax: Int
  private var generator: PythonGenerator
  /// For each condition that is set how many candidates it took out, in the peer's order.
  private var removed: [(condition: Condition, count: Int)]
  /// How many candidates each query has, places that no document fills included.
  private let places: Int
  private var queryCount = 0

  private struct Condition {
    let name: String
    let value: Double
    /// Whether a candidate fails, given its score and the positive's.
    let fails: (_ score: Float, _ positive: Float) -> Bool
  }

  init(_ options: HardNegativeMining, rangeMax: Int, places: Int) {
    self.options = options
    self.rangeMax = rangeMax
    self.places = places
    generator = PythonGenerator(seed: options.seed)
    var conditions: [Condition] = []
    func add(
      _ name: String, _ value: Double?, _ fails: @escaping (Float, Float, Float) -> Bool
    ) {
      guard let value else { return }
      let bound = Float(value)
      conditions.append(Condition(name: name, value: value) { fails($0, $1, bound) })
    }
    add("absolute_margin", options.absoluteMargin) { $0 + $2 > $1 }
    add("relative_margin", options.relativeMargin) { $0 > $1 - $1.magnitude * $2 }
    add("max_score", options.maxScore) { score, _, bound in score > bound }
    add("min_score", options.minScore) { score, _, bound in score < bound }
    removed = conditions.map { ($0, 0) }
  }

  /// The negatives of the next query, by falling score.
  ///
  /// - Parameters:
  ///   - hits: The nearest documents.
  ///   - positives: The query's own documents.
  ///   - smallest: The smallest score of these.
  /// - Returns: As many as are wanted, or as there are.
  mutating func negatives(
    among hits: [RetrievalHit], positives: [Int], smallest: Float
  ) -> [RetrievalHit] {
    queryCount += 1
    var left = hits
    if !options.includePositives { left.removeAll { positives.contains($0.document) } }
    for index in removed.indices {
      let before = left.count
      left.removeAll { removed[index].condition.fails($0.score, smallest) }
      // The peer counts the places that were empty already once more here.
      let isLast = removed[index].condition.name == "min_score"
      removed[index].count += (isLast ? places : before) - left.count
    }
    let window = left.prefix(rangeMax).dropFirst(options.rangeMin)
    switch options.samplingStrategy {
    case .top:
      return Array(window.prefix(options.numNegatives))
    case .random:
      let drawn = generator.sample(
        options.numNegatives, of: max(window.count, options.numNegatives))
      return drawn.sorted().filter { $0 < window.count }.map { window[window.startIndex + $0] }
    }
  }

  /// What each condition took out, as shares of what the margins before it had left.
  var skipped: [MiningStatistics.Skipped] {
    var candidates = queryCount * places
    return removed.compactMap { condition, count in
      guard count > 0 else { return nil }
      defer { if condition.name.hasSuffix("margin") { candidates -= count } }
      return .init(
        option: condition.name, value: condition.value, count: count,
        share: Double(count) / Double(candidates))
    }
  }
}
