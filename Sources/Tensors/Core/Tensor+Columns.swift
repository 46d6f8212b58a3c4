extension Tensor {
  /// The first elements of every row, copied, or this tensor if that is all of them.
  ///
  /// - Parameter count: How many; at most ``width``.
  /// - Returns: `[rows, count]`.
  package func firstColumns(_ count: Int) -> Tensor {
    precondition(0...width ~= count, "firstColumns: \(count) of \(shape)")
    if count == width { return self }
    let width = width
    return Tensor([rowCount, count]) { target in
      for row in 0..<rowCount {
        (target + row * count).update(from: pointer + row * width, count: count)
      }
    }
  }
}
