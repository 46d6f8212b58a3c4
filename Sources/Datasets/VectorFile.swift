/// Vectors that another program or `ktrain encode` has written, read some rows at a time.
///
/// NumPy's `.npy` with little-endian float32 in rows, or HDF5's `.h5` with a dataset `embeddings` of
/// float32.
package struct VectorFile: Sendable {
  /// How many vectors there are.
  package let count: Int
  /// The width of one.
  package let dimension: Int
  private let source: Source

  private enum Source: Sendable {
    case numpy(NumPyArray)
    case hdf5(path: String)
  }

  /// The dataset of an HDF5 file.
  private static let dataset = "embeddings"

  /// Opens a file.
  ///
  /// - Throws: ``DatasetError`` if it is of neither format, or of numbers of another kind.
  package init(path: String) throws {
    if try HDF5TextTable.isHDF5(path) {
      let shape = try HDF5File(reading: path, path: path)
        .shape(of: Self.dataset, Float.self, rank: 2)
      (count, dimension) = (shape[0], shape[1])
      source = .hdf5(path: path)
    } else {
      let array = try NumPyArray(path: path)
      (count, dimension) = (array.rows, array.columns)
      source = .numpy(array)
    }
    guard count > 0, dimension > 0 else {
      throw DatasetError(.empty, "there are no vectors: \(count) of \(dimension)", path: path)
    }
  }

  /// Reads some rows.
  ///
  /// - Parameters:
  ///   - rows: Which.
  ///   - target: As large as they are.
  /// - Throws: ``DatasetError``.
  package func read(rows: Range<Int>, into target: UnsafeMutableBufferPointer<Float>) throws {
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= count && target.count == rows.count * dimension,
      "rows \(rows) of \(count) into \(target.count) numbers")
    switch source {
    case .numpy(let array): try array.read(rows: rows, into: target)
    case .hdf5(let path):
      try HDF5File(reading: path, path: path).read(
        rows: rows, of: Self.dataset, shape: [count, dimension], into: target)
    }
  }
}
