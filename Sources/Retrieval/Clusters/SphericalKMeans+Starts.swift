internal import Sampling
internal import Tensors

extension SphericalKMeans {
  /// How many rows the starts are chosen from: 32 for each cluster, and no fewer than this.
  private static let fewestCandidates = 16_384

  /// The starts of k-means++: each one a row, drawn with a probability proportional to one minus its
  /// cosine to the nearest start before it.
  ///
  /// Greedy, as scikit-learn does it: of several rows drawn the one is taken that brings all rows
  /// nearest to a start. Chosen from a random sample of distinct rows where there are more than 32
  /// for each cluster (and more than 16,384): the draws go through all rows once for each cluster,
  /// which for a million rows would cost more than the iterations gain by it.
  ///
  /// - Returns: `[clusterCount, width]`, of length one.
  /// - Throws: ``RetrievalError`` if there are fewer distinct rows than clusters.
  func starts(_ rows: UnitRows) throws(RetrievalError) -> Tensor {
    var generator = TorchGenerator(seed: seed)
    let sample = try distinctSample(of: rows, &generator)
    let points = rows.gathered(sample)
    // The sample is in random order, so its first row is a random one.
    var chosen = [0]
    var distances = Self.distances(points, to: [0])[0]
    distances[0] = 0
    let draws = Int.bitWidth - clusterCount.leadingZeroBitCount + 1
    while chosen.count < clusterCount {
      let candidates = draw(draws, by: distances, notIn: chosen, &generator)
      let nearer = Self.distances(points, to: candidates).map { zip($0, distances).map(min) }
      let totals = nearer.map { $0.reduce(0) { $0 + Double($1) } }
      var best = 0
      for index in totals.indices where totals[index] < totals[best] { best = index }
      chosen.append(candidates[best])
      distances = nearer[best]
      distances[candidates[best]] = 0  // but for rounding it is already: never drawn again
    }
    return points.gather(chosen)
  }

  private func distinctSample(
    of rows: UnitRows, _ generator: inout TorchGenerator
  ) throws(RetrievalError) -> [Int] {
    let wanted = max(32 * clusterCount, Self.fewestCandidates)
    var distinct = DistinctRows(rows)
    var sample: [Int] = []
    for row in generator.permutation(of: rows.count) where sample.count < wanted {
      if distinct.insert(Int(row)) { sample.append(Int(row)) }
    }
    guard distinct.count >= clusterCount else { throw tooFew(distinct.count, "distinct ") }
    return sample
  }

  /// One minus the cosine of every point to some of them, not less than 0.
  ///
  /// - Returns: `[candidates][points]`.
  private static func distances(_ points: Tensor, to candidates: [Int]) -> [[Float]] {
    points.timesTransposed(points.gather(candidates)).withElements { cosines in
      candidates.indices.map { column in
        (0..<points.rowCount).map { max(0, 1 - cosines[$0 * candidates.count + column]) }
      }
    }
  }

  /// Points drawn with probabilities proportional to their distances; the first that is not chosen
  /// yet if all distances are 0.
  private func draw(
    _ count: Int, by distances: [Float], notIn chosen: [Int], _ generator: inout TorchGenerator
  ) -> [Int] {
    var sums: [Double] = []
    sums.reserveCapacity(distances.count)
    var total = 0.0
    for distance in distances {
      total += Double(distance)
      sums.append(total)
    }
    guard total > 0 else {
      let chosen = Set(chosen)
      return [distances.indices.first { !chosen.contains($0) } ?? 0]
    }
    return (0..<count).map { _ in
      let target = Double(generator.random64() >> 11) * 0x1p-53 * total
      var (low, high) = (0, sums.count - 1)  // the first sum above the target
      while low < high {
        let middle = (low + high) / 2
        if sums[middle] > target { high = middle } else { low = middle + 1 }
      }
      return low
    }
  }
}
