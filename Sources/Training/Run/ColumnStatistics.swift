internal import JSONValues

/// How many tokens the texts of a column have, as the model reads them: with the prompt, cut to its
/// longest sequence.
struct ColumnStatistics {
  /// The number of tokens of each text.
  let lengths: [Int]
  /// The longest a text may be.
  let limit: Int

  /// As it stands in `run.json`.
  var json: JSONObject {
    guard let smallest = lengths.min(), let largest = lengths.max() else { return [:] }
    let sum = lengths.reduce(0, +)
    let width = Self.width(upTo: largest)
    var counts = [Int](repeating: 0, count: largest / width + 1)
    for length in lengths { counts[length / width] += 1 }
    return [
      "tokens": [
        "min": .integer(smallest), "mean": .number(Double(sum) / Double(lengths.count)),
        "max": .integer(largest), "sum": .integer(sum),
      ],
      "at_limit": .integer(lengths.count { $0 >= limit }),
      "histogram": [
        "width": .integer(width), "counts": .array(counts.map { .integer($0) }),
      ],
    ]
  }

  /// The width of a histogram's bars: a round number, so that there are at most 64.
  private static func width(upTo largest: Int) -> Int {
    let widths = (0...).lazy.flatMap { power -> [Int] in
      let unit = 1 << (3 * power)
      return [unit, 2 * unit, 4 * unit]
    }
    return widths.first { largest / $0 < 64 } ?? largest
  }
}
