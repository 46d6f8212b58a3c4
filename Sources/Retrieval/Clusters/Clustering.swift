public import Tensors

/// What ``SphericalKMeans`` found.
public struct Clustering: Sendable {
  /// The cluster of each row.
  public let assignments: [Int32]
  /// The cosine of each row to its cluster's centroid.
  public let similarities: [Float]
  /// `[clusters, width]`, of length one.
  public let centroids: Tensor
  /// How many rows each cluster has, at least 1.
  public let sizes: [Int]
  /// The mean of ``similarities``.
  public let meanSimilarity: Double
  /// How often the centroids were moved.
  public let iterations: Int
  /// Whether no row changed its cluster in the last iteration.
  public let isConverged: Bool

  /// The rows of each cluster that are nearest to its centroid.
  ///
  /// - Parameter count: How many rows of each cluster, at least 1.
  /// - Returns: For each cluster its rows and their cosines, nearest first, the first row of equal
  ///   ones; fewer where the cluster has fewer.
  public func nearestRows(_ count: Int) -> [[RetrievalHit]] {
    let nearest = TopK(
      queryCount: sizes.count, k: count,
      documentRanks: (0..<Int32(assignments.count)).map { $0 })
    let members = Members(assignments: assignments, sizes: sizes)
    for cluster in sizes.indices {
      let rows = members[cluster].map(Int.init)
      rows.map { similarities[$0] }.withUnsafeBufferPointer {
        nearest.add($0, queries: cluster..<cluster + 1, documents: rows)
      }
    }
    return sizes.indices.map(nearest.hits)
  }

  /// The cosines of all pairs of centroids, by which clusters are near to each other.
  ///
  /// - Returns: `[clusters · clusters]`, row-major.
  public func centroidSimilarities() -> [Float] {
    centroids.timesTransposed(centroids).elements
  }
}
