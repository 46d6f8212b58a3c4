/// Vectors that another program or `ktrain encode` has written, read some rows at a time.
///
/// NumPy's `.npy` with little-endian float32 in rows, or HDF5's `.h5` with a dataset `embeddings` of
/// float32, which a process of its own reads (``HDF5Child``).
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
      (count, dimension) = try Self.shape(path)
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
    case .hdf5(let path): try read(path, rows, into: target)
    }
  }

  private static func shape(_ path: String) throws -> (count: Int, dimension: Int) {
    var (count, dimension) = (0, 0)
    try HDF5Child.read(path) { pipe in
      _ = try pipe.tell({
        try HDF5File(reading: path, path: path).shape(of: dataset, Float.self, rank: 2)
      }) { shape in
        for size in shape { pipe.write(size) }
      }
    } hear: { pipe in
      try pipe.hearError()
      (count, dimension) = (try pipe.count(atMost: 1 << 40), try pipe.count(atMost: 1 << 20))
    }
    return (count, dimension)
  }

  private func read(
    _ path: String, _ rows: Range<Int>, into target: UnsafeMutableBufferPointer<Float>
  ) throws {
    try HDF5Child.read(path) { pipe in
      let numbers = UnsafeMutableBufferPointer<Float>.allocate(capacity: target.count)
      try pipe.tell({
        try HDF5File(reading: path, path: path).read(
          rows: rows, of: Self.dataset, shape: [count, dimension], into: numbers)
      }) {
        pipe.write(UnsafeRawBufferPointer(numbers))
      }
    } hear: { pipe in
      try pipe.hearError()
      try pipe.read(into: UnsafeMutableRawBufferPointer(target))
    }
  }
}
