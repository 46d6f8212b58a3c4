/// Bars beside each other: a histogram, sizes.
struct BarChart: Sendable {
  struct Bar: Sendable {
    let value: Double
    /// What is shown under the pointer.
    let label: String
  }

  let title: String
  var remark: String?
  let bars: [Bar]
  /// What stands under the first and under the last bar.
  let ends: (String, String)

  /// The chart; nil without bars.
  var markup: Markup? {
    guard let highest = bars.map(\.value).max(), highest > 0 else { return nil }
    let items = bars.map { bar -> Markup in
      "<i style=\"height:\(place: bar.value / highest * 100)%\" title=\"\(bar.label)\"></i>"
    }
    let note: Markup? = remark.map { "<b>\($0)</b>" }
    let summary = title + (remark.map { ". " + $0 } ?? "")
    return """
      <figure class="chart"><figcaption><span>\(title)</span>\(note)</figcaption>\
      <div class="bars" role="img" aria-label="\(summary)">\(items)</div><div class="ends" aria-hidden="true"><span>\(ends.0)</span><span>\(ends.1)</span>\
      </div></figure>
      """
  }
}

/// One bar of parts, with what each of them is below.
struct ShareBar: Sendable {
  struct Part: Sendable {
    let name: String
    let value: Double
    let text: String
  }

  let title: String
  let parts: [Part]

  /// The bar; nil if there is nothing in it.
  var markup: Markup? {
    let parts = self.parts.filter { $0.value > 0 }
    let sum = parts.reduce(0) { $0 + $1.value }
    guard sum > 0 else { return nil }
    let rows = parts.enumerated().map { index, part -> Markup in
      """
      <li><i class="swatch c\(index % 8)"></i><span>\(part.name)</span>\
      <b>\(part.text)</b><em>\(Figures.percent(part.value / sum))</em></li>
      """
    }
    let segments = parts.enumerated().map { index, part -> Markup in
      "<i class=\"c\(index % 8)\" style=\"flex-grow:\(place: part.value / sum * 1000)\"></i>"
    }
    return """
      <figure class="chart"><figcaption><span>\(title)</span></figcaption>\
      <div class="share" aria-hidden="true">\(segments)</div><ul class="legend rows">\(rows)</ul>\
      </figure>
      """
  }
}
