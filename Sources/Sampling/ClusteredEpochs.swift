/// How the rows of clusters become the batches of an epoch; see ``ClusteredBatchSampler``.
struct ClusteredEpochs: Sendable {
  private let assignments: [Int32]
  private let clusterCount: Int
  private let centroidSimilarities: [Float]
  private let texts: TextRows
  private let batchSize: Int
  private let dropLast: Bool

  init(
    assignments: [Int32], centroidSimilarities: [Float], texts: TextRows, batchSize: Int,
    dropLast: Bool
  ) {
    clusterCount = Int(Double(centroidSimilarities.count).squareRoot())
    precondition(
      clusterCount * clusterCount == centroidSimilarities.count,
      "\(centroidSimilarities.count) similarities of clusters are no square")
    for (row, cluster) in assignments.enumerated() {
      precondition(
        0..<clusterCount ~= Int(cluster), "row \(row) has cluster \(cluster) of \(clusterCount)")
    }
    self.assignments = assignments
    self.centroidSimilarities = centroidSimilarities
    self.texts = texts
    self.batchSize = batchSize
    self.dropLast = dropLast
  }

  /// The batches of the epoch with a seed, in random order.
  func batches(seed: UInt64) -> [[Int32]] {
    var generator = TorchGenerator(seed: seed)
    var rows = [[Int32]](repeating: [], count: clusterCount)
    for row in generator.permutation(of: assignments.count) {
      rows[Int(assignments[Int(row)])].append(row)
    }
    let order = generator.permutation(of: clusterCount).map(Int.init)
    var batches: [[Int32]] = []
    var marks = TextMarks(count: texts.textCount)
    drawFromEach(in: order, &rows, &marks, into: &batches)
    let rest = merge(order.filter { !rows[$0].isEmpty }, &rows, &marks, into: &batches)
    if !dropLast {
      var waiting = WaitingRows(rest)
      while !waiting.isEmpty { batches.append(waiting.takeBatch(batchSize, of: texts, &marks)) }
    }
    return generator.permutation(of: batches.count).map { batches[Int($0)] }
  }

  /// Takes each cluster's full batches and leaves what is left.
  private func drawFromEach(
    in order: [Int], _ rows: inout [[Int32]], _ marks: inout TextMarks,
    into batches: inout [[Int32]]
  ) {
    var open = [Bool](repeating: true, count: clusterCount)
    for cluster in order {
      open[cluster] = false
      takeFullBatches(of: &rows[cluster], &marks, into: &batches)
      if rows[cluster].count >= batchSize, let next = nearest(to: cluster, open) {
        rows[next] = rows[cluster] + rows[next]
        rows[cluster] = []
      }
    }
  }

  /// Merges what is left of the clusters and takes the full batches that this makes.
  ///
  /// - Returns: The rows that fill no batch.
  private func merge(
    _ clusters: [Int], _ rows: inout [[Int32]], _ marks: inout TextMarks,
    into batches: inout [[Int32]]
  ) -> [Int32] {
    var open = [Bool](repeating: false, count: clusterCount)
    for cluster in clusters { open[cluster] = true }
    for cluster in clusters where open[cluster] {
      open[cluster] = false
      guard let next = nearest(to: cluster, open) else { return rows[cluster] }
      // The guests come first, so that they do not travel any farther.
      rows[next] = rows[cluster] + rows[next]
      rows[cluster] = []
      takeFullBatches(of: &rows[next], &marks, into: &batches)
      open[next] = !rows[next].isEmpty
    }
    return []
  }

  private func takeFullBatches(
    of rows: inout [Int32], _ marks: inout TextMarks, into batches: inout [[Int32]]
  ) {
    guard rows.count >= batchSize else { return }
    var waiting = WaitingRows(rows)
    while true {
      let batch = waiting.takeBatch(batchSize, of: texts, &marks)
      guard batch.count == batchSize else {
        rows = batch + waiting.rows
        return
      }
      batches.append(batch)
    }
  }

  private func nearest(to cluster: Int, _ open: [Bool]) -> Int? {
    var nearest: Int?
    let similarities = centroidSimilarities[cluster * clusterCount..<(cluster + 1) * clusterCount]
    for (other, similarity) in similarities.enumerated() where open[other] {
      if let best = nearest, similarity <= similarities[similarities.startIndex + best] { continue }
      nearest = other
    }
    return nearest
  }
}
