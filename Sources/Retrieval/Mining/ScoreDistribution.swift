/// How scores are distributed.
public struct ScoreDistribution: Hashable, Sendable {
  /// How many scores.
  public let count: Int
  /// The mean; NaN without scores.
  public let mean: Double
  /// The middle one, the lower of two, as torch takes it; NaN without scores.
  public let median: Double
  /// The standard deviation, from n − 1 degrees of freedom; NaN of fewer than two.
  public let standardDeviation: Double
  /// The smallest score; +∞ without scores, like the quartiles.
  public let min: Double
  /// The values below which a quarter, a half and three quarters lie, interpolated.
  public let quartiles: [Double]
  /// The largest score; −∞ without scores.
  public let max: Double

  /// Describes scores.
  ///
  /// - Parameter scores: In any order.
  public init(_ scores: [Float]) {
    let sorted = scores.sorted().map(Double.init)
    let count = sorted.count
    let mean = sorted.reduce(0, +) / Double(count)
    self.count = count
    self.mean = mean
    median = sorted.isEmpty ? .nan : sorted[(count - 1) / 2]
    let squares = sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    standardDeviation = count > 1 ? (squares / Double(count - 1)).squareRoot() : .nan
    min = sorted.first ?? .infinity
    quartiles = [0.25, 0.5, 0.75].map { part in
      guard count > 0 else { return .infinity }
      let place = part * Double(count - 1)
      let (low, share) = (sorted[Int(place)], place - place.rounded(.down))
      return low + share * (sorted[Swift.min(Int(place) + 1, count - 1)] - low)
    }
    max = sorted.last ?? -.infinity
  }

  /// The rows of the table below the number of scores.
  static var rows: [(title: String, value: (ScoreDistribution) -> Double)] {
    [
      ("Mean", \.mean), ("Median", \.median), ("Std", \.standardDeviation), ("Min", \.min),
      ("25%", { $0.quartiles[0] }), ("50%", { $0.quartiles[1] }), ("75%", { $0.quartiles[2] }),
      ("Max", \.max),
    ]
  }
}

extension Double {
  /// As Python's format `.4f`.
  var text: String {
    if isNaN { return "nan" }
    return isInfinite ? (self < 0 ? "-inf" : "inf") : fixed(4)
  }

  /// The number with some digits after the point, of two equally near ones the even one.
  func fixed(_ digits: Int) -> String {
    let unit = (0..<digits).reduce(1) { value, _ in value * 10 }
    let scaled = Int((magnitude * Double(unit)).rounded(.toNearestOrEven))
    let fraction = String(scaled % unit)
    return (sign == .minus ? "-" : "") + "\(scaled / unit)."
      + String(repeating: "0", count: digits - fraction.count) + fraction
  }
}
