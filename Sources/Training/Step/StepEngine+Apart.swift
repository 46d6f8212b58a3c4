internal import Encoders
internal import Ranks
internal import Tensors

extension StepEngine {
  /// Adds what this rank's rows of a batch contribute where each rank's rows are compared among
  /// themselves alone; the loss is the mean over all rows.
  func runApart(
    _ ranks: RankGroup, _ columns: [[TokenizedText]], _ guide: [Tensor], _ labels: Tensor?,
    _ dropout: DropoutKey?, _ firstRowKey: Int, _ weight: Float, into gradients: Gradients,
    _ progress: (Progress) throws -> Void
  ) throws -> Outcome {
    let count = columns[0].count
    let rows = ranks.part(of: count)
    let share = Double(rows.count) / Double(count)
    var alone = self
    alone.ranks = nil
    var own: Outcome?
    try Optional(ranks).together {
      guard !rows.isEmpty else { return }
      own = try alone.run(
        columns.map { Array($0[rows]) }, guide: guide.map { $0.gather(Array(rows)) },
        labels: labels?.gather(Array(rows)), dropout: dropout,
        firstRowKey: firstRowKey + rows.lowerBound * columns.count,
        weight: weight * Float(share), into: gradients, progress: progress)
    }
    let loss = try ranks.gather(own.map { $0.loss * share } ?? 0).reduce(0, +)
    return Outcome(
      loss: loss, tokens: columns.joined().reduce(0) { $0 + $1.ids.count },
      miniBatches: own?.miniBatches ?? 0, replayed: own?.replayed ?? 0,
      times: own?.times ?? PhaseTimes())
  }
}
