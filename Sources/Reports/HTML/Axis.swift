/// One axis of a chart: which values it spans, and the round ones that it names.
struct Axis: Hashable, Sendable {
  let range: ClosedRange<Double>
  let ticks: [Double]
  /// How many digits after the point tell the ticks apart.
  let digits: Int

  /// An axis for values, a little longer than they need.
  ///
  /// - Parameters:
  ///   - values: What has to find place; none is like 0 and 1.
  ///   - startsAtZero: Whether it goes down to 0.
  ///   - tickCount: About how many ticks there are.
  init(spanning values: some Collection<Double>, startsAtZero: Bool, tickCount: Int = 4) {
    var low = values.min() ?? 0
    var high = values.max() ?? 1
    if startsAtZero { (low, high) = (min(0, low), max(0, high)) }
    if high - low <= abs(high) * 1e-9 {  // a line that does not move lies in the middle
      let margin = high == 0 ? 1 : abs(high) * 0.1
      (low, high) = (startsAtZero && low >= 0 ? 0 : low - margin, high + margin)
    } else if !startsAtZero {
      let margin = (high - low) * 0.06
      (low, high) = (low >= 0 ? max(0, low - margin) : low - margin, high + margin)
    } else {
      high += (high - low) * 0.06
    }
    self.init(range: low...high, tickCount: tickCount)
  }

  /// An axis of whole steps.
  init(steps: some Collection<Double>) {
    let (low, high) = (steps.min() ?? 0, steps.max() ?? 1)
    self.init(range: low...(high > low ? high : low + 1), tickCount: 4, smallestGap: 1)
  }

  private init(range: ClosedRange<Double>, tickCount: Int, smallestGap: Double = 0) {
    let raw = (range.upperBound - range.lowerBound) / Double(tickCount)
    var (power, digits) = (1.0, 0)
    while power > raw { (power, digits) = (power / 10, digits + 1) }
    while power * 10 <= raw { (power, digits) = (power * 10, digits - 1) }
    let factor = raw / power
    let gap = max(
      power * (factor < 1.5 ? 1 : factor < 3.5 ? 2 : factor < 7.5 ? 5 : 10), smallestGap)
    let first = (range.lowerBound / gap).rounded(.up)
    let last = (range.upperBound / gap).rounded(.down)
    self.range = range
    self.digits = max(0, factor >= 7.5 ? digits - 1 : digits)
    ticks = first <= last ? stride(from: first, through: last, by: 1).map { $0 * gap } : []
  }

  /// Where a value lies, from 0 to 1.
  func position(_ value: Double) -> Double {
    (value - range.lowerBound) / (range.upperBound - range.lowerBound)
  }
}
