internal import Reports

extension SweepTable {
  /// The first metric of all rows as an SVG file: each seed, mean and standard deviation, and the
  /// model before training as a line; nil if no row has it.
  public var plot: String? {
    guard let metric = metrics.first else { return nil }
    let drawn = rows.compactMap { row in
      row.metrics[0].map { cell in
        DotPlot.Row(
          name: row.name, values: cell.values, mean: cell.mean, spread: cell.deviation)
      }
    }
    let isUntouched = rows.first?.name == Self.untouched
    return DotPlot(
      title: metric, rows: Array(drawn.dropFirst(isUntouched ? 1 : 0)),
      reference: isUntouched ? drawn.first : nil
    ).svg
  }
}
