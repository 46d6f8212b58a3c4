/// The rows of each cluster in ascending order, cluster after cluster.
struct Members {
  private let rows: [Int32]
  /// Where each cluster starts, and at the end the number of rows.
  private let offsets: [Int]

  /// - Parameters:
  ///   - assignments: The cluster of each row.
  ///   - sizes: How many rows each cluster has.
  init(assignments: [Int32], sizes: [Int]) {
    var offsets = [0]
    for size in sizes { offsets.append(offsets[offsets.count - 1] + size) }
    var next = offsets
    var rows = [Int32](repeating: 0, count: assignments.count)
    for (row, cluster) in assignments.enumerated() {
      rows[next[Int(cluster)]] = Int32(row)
      next[Int(cluster)] += 1
    }
    self.rows = rows
    self.offsets = offsets
  }

  subscript(cluster: Int) -> ArraySlice<Int32> {
    rows[offsets[cluster]..<offsets[cluster + 1]]
  }
}
