/// Which cluster each text belongs to, and the clusters' middles.
package struct ClusterTable: StorePart, Equatable {
  /// The cluster of each text, from 0.
  package let assignments: [Int32]
  /// `[k, D]`, row after row.
  package let centroids: [Float]
  /// The width of a centroid, D.
  package let dimension: Int

  /// How many texts each cluster has.
  package var sizes: [Int] {
    var sizes = [Int](repeating: 0, count: clusterCount)
    for cluster in assignments { sizes[Int(cluster)] += 1 }
    return sizes
  }

  /// The number of clusters, k.
  package var clusterCount: Int { centroids.count / dimension }

  /// Creates a table of clusters that are at hand.
  ///
  /// - Parameters:
  ///   - assignments: Each below the number of clusters.
  ///   - centroids: `[k, D]`, finite.
  ///   - dimension: D, at least 1.
  package init(assignments: [Int32], centroids: [Float], dimension: Int) {
    precondition(
      dimension > 0 && centroids.count % dimension == 0,
      "\(centroids.count) numbers are no rows of \(dimension)")
    (self.assignments, self.centroids, self.dimension) = (assignments, centroids, dimension)
    precondition(fault == nil, "\(fault ?? "")")
  }

  private var fault: String? {
    if assignments.contains(where: { !(0..<clusterCount).contains(Int($0)) }) {
      return "assignments holds a cluster that is not among the \(clusterCount)"
    }
    return centroids.allSatisfy(\.isFinite) ? nil : "centroids are not finite"
  }
}

extension ClusterTable {
  package static var kind: StoreKey.Kind { .clusters }
  package static var about: String { "Which cluster each text belongs to, and the centroids" }
  package var rowCount: Int { assignments.count }

  package init(reading file: HDF5File) throws {
    assignments = try file.read(Int32.self, of: "assignments", rank: 1).elements
    let (elements, shape) = try file.read(Float.self, of: "centroids", rank: 2)
    guard shape[1] > 0 else {
      throw DatasetError(.corrupt, "centroids has shape \(shape)", path: file.path)
    }
    (centroids, dimension) = (elements, shape[1])
    if let fault { throw DatasetError(.corrupt, fault, path: file.path) }
  }

  package func write(to file: HDF5File) throws {
    try assignments.withUnsafeBufferPointer {
      try file.write(
        $0, shape: [assignments.count], as: "assignments",
        description: "The cluster of each text, a row of centroids", unit: "cluster")
    }
    try centroids.withUnsafeBufferPointer {
      try file.write(
        $0, shape: [clusterCount, dimension], as: "centroids",
        description: "The middle of each cluster", unit: "1")
    }
  }
}
