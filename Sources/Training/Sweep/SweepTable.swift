/// The results of a sweep as a table: a row for each run with mean and spread over its seeds.
public struct SweepTable: Hashable, Sendable {
  /// One number of several seeds.
  public struct Cell: Hashable, Sendable {
    /// The mean.
    public let mean: Double
    /// The standard deviation of a sample, n − 1 below; nil of fewer than two numbers.
    public let deviation: Double?
    /// The numbers.
    public let values: [Double]

    /// Nil of no numbers.
    init?(_ values: [Double]) {
      guard !values.isEmpty else { return nil }
      let count = Double(values.count)
      let mean = values.reduce(0, +) / count
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      (self.mean, self.values) = (mean, values)
      deviation = values.count > 1 ? (squares / (count - 1)).squareRoot() : nil
    }
  }

  /// One run.
  public struct Row: Hashable, Sendable {
    /// Its name.
    public let name: String
    /// How many seeds are done.
    public let seedCount: Int
    /// A cell for each metric; nil if no seed has it.
    public let metrics: [Cell?]
    /// The mean of the seconds; nil for the model before training.
    public let seconds: Double?
    /// The most memory of all seeds, in bytes; nil likewise.
    public let peakBytes: Int?
  }

  /// The name of the row of the model before training, of which a run with `eval_on_start` knows.
  public static let untouched = "untouched"

  /// The metrics, a column each.
  public let metrics: [String]
  /// The model before training if that is known, and the runs that have a result, in the sweep's
  /// order.
  public let rows: [Row]

  /// Puts results together.
  ///
  /// - Parameters:
  ///   - sweep: The sweep.
  ///   - members: Its runs.
  ///   - results: What they have reached; of other runs, seeds and settings nothing is shown.
  public init(_ sweep: Sweep, _ members: [Sweep.Member], _ results: SweepResults) {
    metrics = sweep.metrics
    var rows: [Row] = []
    if let before = members.lazy.compactMap({ results.result(of: $0)?.before }).first(where: {
      !$0.isEmpty
    }) {
      rows.append(
        Row(
          name: Self.untouched, seedCount: 1,
          metrics: sweep.metrics.map { Cell(before[$0].map { [$0] } ?? []) }, seconds: nil,
          peakBytes: nil))
    }
    for run in sweep.runs {
      let seeds = members.filter { $0.run == run.name }.compactMap(results.result)
      guard !seeds.isEmpty else { continue }
      rows.append(
        Row(
          name: run.name, seedCount: seeds.count,
          metrics: sweep.metrics.map { metric in Cell(seeds.compactMap { $0.metrics[metric] }) },
          seconds: Cell(seeds.map(\.seconds))?.mean, peakBytes: seeds.map(\.peakBytes).max()))
    }
    self.rows = rows
  }
}
