/// What the peer prints after mining: how scores are distributed, and what was left out and why.
public struct MiningStatistics: Hashable, Sendable {
  /// Candidates that one option took out.
  public struct Skipped: Hashable, Sendable {
    /// The option by its name in Python.
    public let option: String
    /// The option's value.
    public let value: Double
    /// How many candidates.
    public let count: Int
    /// Their share of the candidates that were left by the margins before.
    public let share: Double
  }

  /// The scores of the pairs of query and positive.
  public let positive: ScoreDistribution
  /// The scores of the negatives, once for each positive of their query.
  public let negative: ScoreDistribution
  /// Positive minus negative score.
  public let difference: ScoreDistribution
  /// What the options took out.
  public let skipped: [Skipped]
  /// How many rows there would be if every query had enough negatives.
  public let possible: Int
  /// How many of these are missing.
  public let missing: Int
  private let adjustable: [String]

  init(
    positive: ScoreDistribution, negative: ScoreDistribution, difference: ScoreDistribution,
    skipped: [Skipped], possible: Int, missing: Int, options: HardNegativeMining
  ) {
    self.positive = positive
    self.negative = negative
    self.difference = difference
    self.skipped = skipped
    self.possible = possible
    self.missing = missing
    adjustable =
      ["range_max"] + (options.rangeMin > 0 ? ["range_min"] : [])
      + (options.absoluteMargin == nil ? [] : ["absolute_margin"])
      + (options.relativeMargin == nil ? [] : ["relative_margin"])
      + (options.maxScore == nil ? [] : ["max_score"])
  }

  /// The table and the remarks below it, line for line as the peer prints them.
  public var lines: [String] {
    var lines = [Self.row("Metric", "Positive", "Negative", "Difference")]
    lines.append(Self.row("Count", Self.grouped(positive.count), Self.grouped(negative.count), ""))
    for (title, value) in ScoreDistribution.rows {
      lines.append(
        Self.row(title, value(positive).text, value(negative).text, value(difference).text))
    }
    for item in skipped {
      lines.append(
        "Skipped \(Self.grouped(item.count)) potential negatives (\(Self.percent(item.share))) due"
          + " to the \(item.option) of \(item.value).")
    }
    if missing > 0 {
      let names = adjustable.dropLast().joined(separator: ", ")
      lines.append(
        "Could not find enough negatives for \(missing) samples"
          + " (\(Self.percent(Double(missing) / Double(possible)))). Consider adjusting the "
          + (names.isEmpty ? "" : names + " and ") + adjustable[adjustable.count - 1]
          + " parameter\(adjustable.count > 1 ? "s" : "") if you'd like to find more valid"
          + " negatives.")
    }
    return lines
  }

  private static func row(_ title: String, _ columns: String...) -> String {
    let title = title + String(repeating: " ", count: max(0, 6 - title.count))
    return columns.reduce(title) { line, column in
      line + String(repeating: " ", count: max(0, 14 - column.count) + 1) + column
    }
  }

  private static func percent(_ share: Double) -> String { (share * 100).fixed(2) + "%" }

  private static func grouped(_ count: Int) -> String {
    var digits = String(count)
    var groups: [Substring] = []
    while digits.count > 3 {
      groups.append(digits.suffix(3))
      digits = String(digits.dropLast(3))
    }
    return ([digits[...]] + groups.reversed()).joined(separator: ",")
  }
}
