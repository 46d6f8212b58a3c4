/// Curves over the steps of a run.
///
/// The drawing is stretched to whatever room there is, while lines keep their width and the words
/// around it, which are HTML, their size: it is as legible on a phone as on a wall.
struct LineChart: Sendable {
  /// One curve.
  struct Curve: Sendable {
    /// What it is called where there are several.
    let name: String
    /// Which of the colours it has.
    let color: Int
    var points: [Point]
    /// The point to be marked as the best.
    var best: Point?
  }

  let title: String
  /// A remark beside the title: the last or best value.
  var remark: String?
  var startsAtZero = false
  /// Whether a curve of many points is drawn faint, with its running mean over it.
  var isNoisy = false
  /// How a value is written.
  var format: @Sendable (Double) -> String = Figures.short
  /// How a value on the axis is written; nil for its digits alone.
  var axisFormat: (@Sendable (Double) -> String)?
  var curves: [Curve]

  /// How wide and high the drawing's own units are.
  private static let (width, height) = (1000.0, 400.0)

  /// The chart; nil if there is no curve of two points or more, nor one marked.
  var markup: Markup? {
    let curves = self.curves.filter { !$0.points.isEmpty }
    guard curves.contains(where: { $0.points.count > 1 }) else { return nil }
    let steps = Axis(steps: curves.flatMap { $0.points.map(\.step) })
    let values = Axis(
      spanning: curves.flatMap { $0.points.map(\.value) }, startsAtZero: startsAtZero)
    let labels = values.ticks.map { axisFormat?($0) ?? Figures.fixed($0, values.digits) }
    let lines = curves.flatMap { strokes($0, steps, values) }
    let widest = labels.max { $0.count < $1.count } ?? ""
    let left = zip(values.ticks, labels).map { tick, label -> Markup in
      "<span style=\"bottom:\(place: values.position(tick) * 100)%\">\(label)</span>"
    }
    let below = steps.ticks.map { tick -> Markup in
      """
      <span style="left:\(place: steps.position(tick) * 100)%">\(Figures.fixed(tick, 0))</span>
      """
    }
    let grid = values.ticks.map { tick -> Markup in
      "M0 \(place: (1 - values.position(tick)) * Self.height)H1000"
    }
    let dots = curves.compactMap { dot($0, steps, values) }
    let note: Markup? = remark.map { "<b>\($0)</b>" }
    return """
      <figure class="chart"><figcaption><span>\(title)</span>\(note)</figcaption>\
      <div class="plot"><div class="ys" aria-hidden="true"><span class="widest">\(widest)</span>\
      \(left)</div><div class="area"><svg viewBox="0 0 1000 400" preserveAspectRatio="none" \
      role="img" aria-label="\(summary(curves))"><path class="grid" d="\(grid)"/>\(lines)\
      <g class="hits">\(hits(curves, steps))</g></svg>\(dots)</div>\
      <div class="xs" aria-hidden="true">\(below)</div></div></figure>
      """
  }

  private func summary(_ curves: [Curve]) -> String {
    let parts = curves.map { curve in
      let (first, last) = (curve.points[0], curve.points[curve.points.count - 1])
      let name = curves.count > 1 ? curve.name + ": " : ""
      return "\(name)\(format(first.value)) at step \(Figures.fixed(first.step, 0)), "
        + "\(format(last.value)) at step \(Figures.fixed(last.step, 0))"
    }
    return "\(title). \(parts.joined(separator: "; "))"
  }

  // MARK: The drawing

  private func strokes(_ curve: Curve, _ steps: Axis, _ values: Axis) -> [Markup] {
    let points = curve.points.thinned(to: 500)
    let path = points.enumerated().map { index, point -> Markup in
      """
      \(index == 0 ? "M" : "L")\(place: steps.position(point.step) * Self.width) \
      \(place: (1 - values.position(point.value)) * Self.height)
      """
    }
    guard isNoisy, curve.points.count >= 40 else {
      return ["<path class=\"line c\(curve.color)\" d=\"\(path)\"/>"]
    }
    let mean = LineChart.Curve(
      name: curve.name, color: curve.color, points: curve.points.runningMeans)
    var calm = self
    calm.isNoisy = false
    return ["<path class=\"line faint c\(curve.color)\" d=\"\(path)\"/>"]
      + calm.strokes(mean, steps, values)
  }

  /// Invisible strips that name the values under the pointer.
  private func hits(_ curves: [Curve], _ steps: Axis) -> [Markup] {
    let points = curves.map { $0.points.thinned(to: 120) }
    let stops = Set(points.joined().map(\.step)).sorted().thinned(to: 120)
    return stops.indices.map { index in
      let here = steps.position(stops[index]) * Self.width
      let left = index == 0 ? here : (here + steps.position(stops[index - 1]) * Self.width) / 2
      let right =
        index + 1 == stops.count
        ? here : (here + steps.position(stops[index + 1]) * Self.width) / 2
      let texts = zip(curves, points).compactMap { curve, points -> String? in
        guard let point = points.first(where: { $0.step == stops[index] }) else { return nil }
        return (curves.count > 1 ? curve.name + ": " : "") + format(point.value)
      }
      let start = max(0, min(left, here - 3))
      let width = max(right - start, 6)
      return """
        <rect x="\(place: start)" y="0" width="\(place: width)" height="400">\
        <title>step \(Figures.fixed(stops[index], 0))\n\(texts.joined(separator: "\n"))</title></rect>
        """
    }
  }

  private func dot(_ curve: Curve, _ steps: Axis, _ values: Axis) -> Markup? {
    let alone = curve.points.count == 1 ? curve.points[0] : nil
    guard let point = curve.best ?? alone else { return nil }
    return """
      <i class="dot c\(curve.color)" style="left:\(place: steps.position(point.step) * 100)%;\
      bottom:\(place: values.position(point.value) * 100)%"></i>
      """
  }
}

extension [Point] {
  /// At most about so many points that show the same curve: of each stretch the lowest and the
  /// highest one, so that no peak is lost.
  func thinned(to limit: Int) -> [Point] {
    guard count > limit else { return self }
    let stretches = Swift.max(1, limit / 2 - 1)
    var kept: Set<Int> = [0, count - 1]
    for stretch in 0..<stretches {
      let range = stretch * count / stretches..<(stretch + 1) * count / stretches
      guard let low = range.min(by: { self[$0].value < self[$1].value }),
        let high = range.max(by: { self[$0].value < self[$1].value })
      else { continue }
      kept.formUnion([low, high])
    }
    return kept.sorted().map { self[$0] }
  }

  /// The exponential running mean, over about a twentieth of all points; without a bias towards the
  /// first one.
  var runningMeans: [Point] {
    let decay = 1 - 1 / Swift.max(5, Double(count) / 20)
    var (sum, weight) = (0.0, 0.0)
    return map { point in
      sum = sum * decay + point.value
      weight = weight * decay + 1
      return Point(step: point.step, value: sum / weight)
    }
  }
}

extension [Double] {
  /// At most so many of the numbers, evenly chosen.
  fileprivate func thinned(to limit: Int) -> [Double] {
    count <= limit ? self : (0..<limit).map { self[$0 * (count - 1) / (limit - 1)] }
  }
}
