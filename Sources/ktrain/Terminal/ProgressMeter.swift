import Training

/// How fast something goes on, from how much of it is done: its share, its speed and the time left.
struct ProgressMeter: Sendable {
  private let name: String
  private let unit: String
  private let start: ContinuousClock.Instant
  private let first: Int
  private var done: Int
  private var total: Int?
  /// Tokens, where those of what is done are counted.
  private var tokens: Int?

  /// Begins to measure.
  ///
  /// - Parameters:
  ///   - name: What is being done.
  ///   - unit: What is counted, in the plural; empty if the name says so.
  ///   - done: How much was done before.
  ///   - total: How much there is; nil if nobody knows.
  init(_ name: String, unit: String = "", done: Int = 0, of total: Int?) {
    (self.name, self.unit, self.total) = (name, unit, total)
    (first, self.done) = (done, done)
    start = .now
  }

  /// Whether this is the same thing, further on.
  func goesOn(_ name: String, done: Int, of total: Int?) -> Bool {
    self.name == name && self.total == total && done >= self.done
  }

  /// Takes note of how much is done.
  mutating func update(done: Int, tokens: Int? = nil) {
    (self.done, self.tokens) = (done, tokens)
  }

  /// What the line says of it.
  ///
  /// - Parameters:
  ///   - now: The time.
  ///   - share: The share that is done, where it is known by other means than the count.
  /// - Returns: Name, count, share, speed and the time left, as far as they are known.
  func parts(_ now: ContinuousClock.Instant, share: Double? = nil) -> [LinePart] {
    let elapsed = (now - start).seconds
    let share = share ?? total.map { $0 > 0 ? Double(done) / Double($0) : 1 }
    let counted = unit.isEmpty ? "" : " " + unit
    let count =
      Format.grouped(done) + (total.map { " of " + Format.grouped($0) } ?? "") + counted
    var parts = [LinePart(name), LinePart(count, rank: 1)]
    if let share { parts.append(LinePart(Format.percent(share), rank: 2)) }
    if elapsed > 1, let speed { parts.append(LinePart(speed(elapsed), rank: 4)) }
    if let share, done > first, elapsed > 1, share < 1 {
      let before = total.map { $0 > 0 ? Double(first) / Double($0) : 0 } ?? 0
      let left = elapsed * (1 - share) / max(share - before, 1e-9)
      parts.append(LinePart("left " + Format.duration(left), rank: 3))
    } else if elapsed > 5 {
      parts.append(LinePart("for " + Format.duration(elapsed), rank: 3))
    }
    return parts
  }

  private var speed: ((Double) -> String)? {
    if let tokens { return { Format.grouped(Int(Double(tokens) / $0)) + " tokens/s" } }
    guard done > first else { return nil }
    return { Format.short(Double(done - first) / $0) + " a second" }
  }
}
