/// Rows of numbers along one axis: each number a dot, their mean and spread beside them.
///
/// An SVG file of its own, for a README or a browser, in light and in dark.
package struct DotPlot: Sendable {
  /// One row.
  package struct Row: Sendable {
    let name: String
    let values: [Double]
    let mean: Double
    /// How far the bar goes to both sides; nil for none.
    let spread: Double?

    package init(name: String, values: [Double], mean: Double, spread: Double?) {
      (self.name, self.values, self.mean, self.spread) = (name, values, mean, spread)
    }
  }

  private let title: String
  private let rows: [Row]
  /// What all rows are to be compared with, a line through all of them.
  private let reference: Row?

  /// Draws nothing without rows.
  package init(title: String, rows: [Row], reference: Row? = nil) {
    (self.title, self.rows, self.reference) = (title, rows, reference)
  }

  private static let style = """
    svg{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
    font-variant-numeric:tabular-nums}
    text{fill:#1f2023}.soft{fill:#63656b}.paper{fill:#fff}.title{font-weight:600}
    .grid{stroke:#e5e2dc}.reference{stroke:#63656b;stroke-dasharray:4 3}
    .bar{stroke:#2463a6;stroke-width:2}.dot{fill:#2463a6;opacity:.4}.mean{fill:#2463a6}
    @media(prefers-color-scheme:dark){text{fill:#e7e5e1}.soft{fill:#a3a6ad}.paper{fill:#1c1e22}
    .grid{stroke:#30333a}.reference{stroke:#a3a6ad}
    .bar{stroke:#74aff0}.dot{fill:#74aff0}.mean{fill:#74aff0}}
    """

  // Where things lie, in pixels.
  private static let (width, top, rowHeight, margin) = (860.0, 58.0, 24.0, 12.0)
  /// About what a letter takes; names are longer than any font makes them.
  private static let letter = 6.9

  /// The file; nil without rows.
  package var svg: String? {
    guard !rows.isEmpty else { return nil }
    let all = rows + (reference.map { [$0] } ?? [])
    let spans = all.flatMap { row in
      row.values + [row.mean - (row.spread ?? 0), row.mean + (row.spread ?? 0)]
    }
    let axis = Axis(spanning: spans, startsAtZero: false, tickCount: 5)
    let longest = Double(rows.map(\.name.count).max() ?? 0)
    let left = min(longest * Self.letter, Self.width * 0.45) + 2 * Self.margin
    let right = Self.width - 72
    let bottom = Self.top + Double(rows.count) * Self.rowHeight
    let place = { left + axis.position($0) * (right - left) }
    let ticks = axis.ticks.map { tick -> Markup in
      """
      <path class="grid" d="M\(place: place(tick)) \(place: Self.top - 4)V\(place: bottom)"/>\
      <text class="soft" x="\(place: place(tick))" y="\(place: bottom + 18)" text-anchor="middle">\
      \(Figures.fixed(tick, axis.digits))</text>

      """
    }
    let line: Markup? = reference.map { row in
      """
      <path class="reference" d="M\(place: place(row.mean)) \(place: Self.top - 4)\
      V\(place: bottom)"/><text class="soft" x="\(place: place(row.mean))" \
      y="\(place: Self.top - 10)" text-anchor="middle">\(row.name) \
      \(Figures.fixed(row.mean, 4))</text>

      """
    }
    let drawn = rows.enumerated().map { index, row in
      drawing(
        of: row, at: Self.top + (Double(index) + 0.5) * Self.rowHeight, names: left - Self.margin,
        place)
    }
    let height = bottom + 32
    let markup: Markup = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(place: Self.width) \(place: height)" \
      width="\(place: Self.width)" height="\(place: height)" role="img"><title>\(title)</title>
      <style>
      """
    let rest: Markup = """
      </style><rect class="paper" width="100%" height="100%"/>
      <text class="title" x="\(place: Self.margin)" y="24">\(title)</text>
      \(ticks)\(line)\(drawn)</svg>

      """
    return markup.text + Self.style + rest.text
  }

  private func drawing(
    of row: Row, at y: Double, names: Double, _ place: (Double) -> Double
  ) -> Markup {
    let dots = row.values.map { value -> Markup in
      "<circle class=\"dot\" cx=\"\(place: place(value))\" cy=\"\(place: y)\" r=\"3.5\"/>"
    }
    let bar: Markup? = row.spread.map { spread in
      """
      <path class="bar" d="M\(place: place(row.mean - spread)) \(place: y)\
      H\(place: place(row.mean + spread))"/>
      """
    }
    return """
      <text x="\(place: names)" y="\(place: y + 4.5)" text-anchor="end">\(row.name)</text>\(bar)\(dots)\
      <circle class="mean" cx="\(place: place(row.mean))" cy="\(place: y)" r="5"/>\
      <text x="\(place: Self.width - Self.margin)" y="\(place: y + 4.5)" text-anchor="end">\
      \(Figures.fixed(row.mean, 4))</text>

      """
  }
}
