public import Tensors

/// Spherical k-means: groups of rows that point the same way.
///
/// Rows are divided by their lengths; a centroid is the mean direction of its rows; a row belongs to
/// the centroid with the largest cosine, the first of equal ones. From k-means++ starts, or from
/// given ones, assignment and centroids alternate (Lloyd) until no row changes its cluster, the mean
/// cosine gains no more than ``tolerance``, or ``maxIterations`` is reached. A cluster that loses all
/// its rows gets the row that is farthest from its own centroid.
///
/// The result depends on the rows and the options alone, not on the number of threads, bit for bit.
/// Takes n·k products an iteration but never n·k memory: beside the rows about 20 bytes for each,
/// and a few blocks of 256 rows by 2048 centroids.
///
/// References: Dhillon and Modha, "Concept decompositions for large sparse text data using
/// clustering", Machine Learning 42, 2001; Arthur and Vassilvitskii, "k-means++: the advantages of
/// careful seeding", SODA 2007.
public struct SphericalKMeans: Hashable, Sendable {
  /// How many clusters.
  public let clusterCount: Int
  /// Where the random numbers of the starts come from; its low 32 bits count.
  public let seed: UInt64
  /// How often the centroids are moved, at most.
  public let maxIterations: Int
  /// The gain in mean cosine from one iteration to the next that is not worth another; 0 goes on
  /// until no row changes its cluster.
  public let tolerance: Double

  /// Creates a way to cluster.
  ///
  /// - Parameters:
  ///   - clusterCount: At least 1.
  ///   - seed: Where the random numbers of the starts come from.
  ///   - maxIterations: At least 1.
  ///   - tolerance: In units of the mean cosine, 0 or more.
  /// - Throws: ``RetrievalError`` that names an argument out of range.
  public init(
    clusterCount: Int, seed: UInt64, maxIterations: Int = 100, tolerance: Double = 1e-5
  ) throws(RetrievalError) {
    guard clusterCount >= 1, clusterCount <= Int32.max else {
      throw RetrievalError(.option, "k is \(clusterCount), expected 1 or more clusters")
    }
    guard maxIterations >= 1 else {
      throw RetrievalError(.option, "max_iterations is \(maxIterations), expected 1 or more")
    }
    guard tolerance >= 0, tolerance.isFinite else {
      throw RetrievalError(.option, "tolerance is \(tolerance), expected a number from 0 on")
    }
    self.clusterCount = clusterCount
    self.seed = seed
    self.maxIterations = maxIterations
    self.tolerance = tolerance
  }

  /// Clusters rows, from k-means++ starts.
  ///
  /// - Parameters:
  ///   - rows: `[n, width]`, of any lengths.
  ///   - progress: Called after each iteration with the mean cosine of the rows to their centroids.
  /// - Returns: The clusters, none of them empty.
  /// - Throws: ``RetrievalError`` if a row is zero or not finite, or there are fewer distinct
  ///   directions than clusters.
  public func fit(
    _ rows: Tensor, progress: (_ iteration: Int, _ meanSimilarity: Double) -> Void = { _, _ in }
  ) throws(RetrievalError) -> Clustering {
    let rows = try UnitRows(rows, name: "embedding")
    return iterate(rows, from: try starts(rows), progress)
  }

  /// Clusters rows, from given centroids.
  ///
  /// - Parameters:
  ///   - rows: `[n, width]`, of any lengths, at least as many as clusters.
  ///   - starts: `[clusterCount, width]`, of any lengths.
  ///   - progress: Called after each iteration with the mean cosine of the rows to their centroids.
  /// - Returns: The clusters, none of them empty.
  /// - Throws: ``RetrievalError`` if a row is zero or not finite, or there are fewer rows than
  ///   clusters.
  public func fit(
    _ rows: Tensor, starts: Tensor,
    progress: (_ iteration: Int, _ meanSimilarity: Double) -> Void = { _, _ in }
  ) throws(RetrievalError) -> Clustering {
    precondition(
      starts.shape == [clusterCount, rows.width],
      "SphericalKMeans: starts \(starts.shape) for \(clusterCount) clusters of rows \(rows.shape)")
    let rows = try UnitRows(rows, name: "embedding")
    guard rows.count >= clusterCount else { throw tooFew(rows.count, "") }
    let starts = try UnitRows(starts, name: "start")
    return iterate(rows, from: starts.gathered(0..<clusterCount), progress)
  }

  func tooFew(_ count: Int, _ what: String) -> RetrievalError {
    RetrievalError(
      .option,
      "k is \(clusterCount), but there are \(count) \(what)embeddings: lower k or add data")
  }

  private func iterate(
    _ rows: UnitRows, from starts: Tensor, _ progress: (Int, Double) -> Void
  ) -> Clustering {
    var clusters = LloydIteration(rows: rows, centroids: starts)
    clusters.assign()
    clusters.fillEmptyClusters()
    var (iterations, mean) = (0, clusters.meanSimilarity)
    var changed = true
    while changed && iterations < maxIterations {
      iterations += 1
      clusters.moveCentroids()
      changed = clusters.assign()
      // Where nothing changed no cluster can be empty.
      if changed { clusters.fillEmptyClusters() }
      let gain = clusters.meanSimilarity - mean
      mean += gain
      progress(iterations, clusters.meanSimilarity)
      if tolerance > 0 && gain <= tolerance { break }
    }
    return Clustering(
      assignments: clusters.assignments, similarities: clusters.similarities,
      centroids: clusters.centroids, sizes: clusters.sizes,
      meanSimilarity: clusters.meanSimilarity, iterations: iterations, isConverged: !changed)
  }
}
