internal import Tensors

/// The state of spherical k-means and its three steps: assign, fill what is empty, move centroids.
struct LloydIteration {
  let rows: UnitRows
  /// `[clusters, width]`, of length one.
  private(set) var centroids: Tensor
  /// The cluster of each row; -1 before the first assignment.
  private(set) var assignments: [Int32]
  /// The cosine of each row to its own centroid.
  private(set) var similarities: [Float]
  /// How many rows each cluster has.
  private(set) var sizes: [Int]

  /// Rows in one piece of work, and centroids that they are compared with at a time.
  private static let (rowBlock, centroidBlock) = (256, 2048)

  init(rows: UnitRows, centroids: Tensor) {
    self.rows = rows
    self.centroids = centroids
    assignments = Array(repeating: -1, count: rows.count)
    similarities = Array(repeating: 0, count: rows.count)
    sizes = Array(repeating: 0, count: centroids.rowCount)
  }

  /// The mean cosine of the rows to their centroids; summed in the order of the rows.
  var meanSimilarity: Double {
    similarities.reduce(0) { $0 + Double($1) } / Double(similarities.count)
  }

  /// Gives every row to the nearest centroid, the first of equal ones.
  ///
  /// - Returns: Whether a row has changed its cluster.
  @discardableResult
  mutating func assign() -> Bool {
    let count = centroids.rowCount
    let blocks = stride(from: 0, to: count, by: Self.centroidBlock).map { first in
      (first, centroids.rows(first..<min(count, first + Self.centroidBlock)))
    }
    let before = assignments
    let rows = rows
    assignments.withUnsafeMutableBufferPointer { assignments in
      similarities.withUnsafeMutableBufferPointer { similarities in
        WorkerPool.forEachBlock(of: rows.count, size: Self.rowBlock) { block in
          let units = rows.gathered(block)
          for (first, centroids) in blocks {
            let columns = centroids.rowCount
            units.timesTransposed(centroids).withElements { cosines in
              for (place, row) in block.enumerated() {
                var cluster = first == 0 ? 0 : Int(assignments[row])
                var best = first == 0 ? -Float.infinity : similarities[row]
                for column in 0..<columns {
                  let cosine = cosines[place * columns + column]
                  if cosine > best { (best, cluster) = (cosine, first + column) }
                }
                assignments[row] = Int32(cluster)
                similarities[row] = best
              }
            }
          }
        }
      }
    }
    sizes = Array(repeating: 0, count: count)
    for cluster in assignments { sizes[Int(cluster)] += 1 }
    return assignments != before
  }

  /// Gives each empty cluster, in order, the row with the smallest cosine to its centroid, the first
  /// of equal ones, out of a cluster with more than one row; the centroid becomes that row.
  ///
  /// Of rows that are equal only one is taken, as long as there are others: two centroids on the
  /// same point would leave the second one empty again.
  mutating func fillEmptyClusters() {
    let empty = sizes.indices.filter { sizes[$0] == 0 }
    guard !empty.isEmpty else { return }
    var farthest = Array(similarities.indices)
    farthest.sort { (similarities[$0], $0) < (similarities[$1], $1) }
    var taken = DistinctRows(rows)
    var rest: [Int] = []
    var candidates = farthest[...]
    for cluster in empty {
      var chosen: Int?
      while chosen == nil, let row = candidates.popFirst() {
        guard sizes[Int(assignments[row])] > 1 else { continue }
        if taken.insert(row) { chosen = row } else { rest.append(row) }
      }
      // There are no fewer rows than clusters, so a row can be spared.
      while chosen == nil {
        let row = rest.removeFirst()
        if sizes[Int(assignments[row])] > 1 { chosen = row }
      }
      if let chosen { move(chosen, to: cluster) }
    }
  }

  private mutating func move(_ row: Int, to cluster: Int) {
    sizes[Int(assignments[row])] -= 1
    sizes[cluster] = 1
    assignments[row] = Int32(cluster)
    similarities[row] = 1
    centroids.scatter(rows.gathered(CollectionOfOne(row)), to: [cluster])
  }

  /// Moves each centroid to the mean direction of its rows.
  ///
  /// A centroid stays where it is if its rows cancel each other. Sums are taken in double and in the
  /// order of the rows, each by one thread.
  mutating func moveCentroids() {
    let (width, count) = (rows.width, centroids.rowCount)
    let members = Members(assignments: assignments, sizes: sizes)
    let columnBlock = 128
    let blocksPerCluster = (width + columnBlock - 1) / columnBlock
    var sums = [Double](repeating: 0, count: count * width)
    let rows = rows
    sums.withUnsafeMutableBufferPointer { sums in
      WorkerPool.forEach(count * blocksPerCluster) { piece in
        let (cluster, block) = piece.quotientAndRemainder(dividingBy: blocksPerCluster)
        let first = block * columnBlock
        let columns = min(columnBlock, width - first)
        let sum = sums.baseAddress! + cluster * width + first
        rows.withElements { elements in
          for row in members[cluster] {
            let scale = Double(rows.reciprocal(Int(row)))
            let source = elements.baseAddress! + Int(row) * width + first
            for column in 0..<columns { sum[column] += Double(source[column]) * scale }
          }
        }
      }
      centroids.withMutableElements { centroids in
        WorkerPool.forEach(count) { cluster in
          let range = cluster * width..<(cluster + 1) * width
          let length = sums[range].reduce(0) { $0 + $1 * $1 }.squareRoot()
          // What is left of rows that cancel is rounding, not a direction.
          guard length > 1e-6 * Double(members[cluster].count) else { return }
          for index in range { centroids[index] = Float(sums[index] / length) }
        }
      }
    }
  }
}
