/// Products of whole tensors, for code that lies above the ops: losses and retrieval.
extension Tensor {
  /// this · otherᵀ.
  ///
  /// - Parameter other: `[n, k]`; this tensor is `[m, k]`.
  /// - Returns: `[m, n]`.
  package func timesTransposed(_ other: Tensor) -> Tensor {
    precondition(width == other.width, "timesTransposed: \(shape) and \(other.shape)")
    return Tensor([rowCount, other.rowCount]) { result in
      MatrixProduct.multiply(
        .init(pointer: pointer, stride: width),
        .init(pointer: other.pointer, stride: width, isTransposed: true), into: result,
        rows: rowCount, columns: other.rowCount, depth: width, blockRows: 64)
    }
  }

  /// this · other.
  ///
  /// - Parameter other: `[k, n]`; this tensor is `[m, k]`.
  /// - Returns: `[m, n]`.
  package func times(_ other: Tensor) -> Tensor {
    precondition(width == other.rowCount, "times: \(shape) and \(other.shape)")
    return Tensor([rowCount, other.width]) { result in
      MatrixProduct.multiply(
        .init(pointer: pointer, stride: width),
        .init(pointer: other.pointer, stride: other.width), into: result, rows: rowCount,
        columns: other.width, depth: width, blockRows: 64)
    }
  }

  /// Adds leftᵀ · right to this tensor.
  ///
  /// - Parameters:
  ///   - left: `[k, m]`.
  ///   - right: `[k, n]`; this tensor is `[m, n]`.
  package mutating func addTransposedProduct(_ left: Tensor, _ right: Tensor) {
    precondition(
      left.rowCount == right.rowCount && shape == [left.width, right.width],
      "addTransposedProduct: \(left.shape), \(right.shape) to \(shape)")
    MatrixProduct.multiply(
      .init(pointer: left.pointer, stride: left.width, isTransposed: true),
      .init(pointer: right.pointer, stride: right.width), into: mutablePointer(),
      rows: left.width, columns: right.width, depth: left.rowCount, beta: 1)
  }

  /// Tensors of equal width below one another.
  ///
  /// - Parameter parts: At least one.
  package init(stacking parts: [Tensor]) {
    precondition(
      !parts.isEmpty && parts.allSatisfy { $0.width == parts[0].width },
      "stacking: \(parts.map(\.shape))")
    self.init([parts.reduce(0) { $0 + $1.rowCount }, parts[0].width]) { target in
      var target = target
      for part in parts {
        target.update(from: part.pointer, count: part.count)
        target += part.count
      }
    }
  }

  /// Some of the rows, copied.
  ///
  /// - Parameter range: Which rows.
  /// - Returns: `[range.count, width]`.
  package func rows(_ range: Range<Int>) -> Tensor {
    precondition(range.upperBound <= rowCount, "rows \(range) of \(shape)")
    return Tensor([range.count, width]) {
      $0.update(from: pointer + range.lowerBound * width, count: range.count * width)
    }
  }

  /// The first elements of every row, copied; the tensor itself if that is all of them.
  ///
  /// - Parameter dimension: How many, at most the width; nil for all.
  /// - Returns: `[rows, dimension]`.
  package func truncated(to dimension: Int?) -> Tensor {
    guard let dimension, dimension != width else { return self }
    precondition((1...width).contains(dimension), "truncated: \(shape) to \(dimension)")
    return Tensor([rowCount, dimension]) { target in
      for row in 0..<rowCount {
        (target + row * dimension).update(from: pointer + row * width, count: dimension)
      }
    }
  }

  /// The rows in parts of equal size.
  ///
  /// - Parameter count: How many parts; a divisor of the number of rows.
  /// - Returns: The parts from the top.
  package func split(count: Int) -> [Tensor] {
    precondition(rowCount % count == 0, "split: \(shape) in \(count)")
    let size = rowCount / count
    return (0..<count).map { rows($0 * size..<($0 + 1) * size) }
  }
}

extension Tensor {
  /// Copies the rows of another tensor to some of this one's.
  ///
  /// - Parameters:
  ///   - source: As many rows as there are indices, of this tensor's width.
  ///   - indices: Where each row goes.
  package mutating func scatter(_ source: Tensor, to indices: [Int]) {
    precondition(
      source.rowCount == indices.count && source.width == width,
      "scatter: \(source.shape) to \(indices.count) rows of \(shape)")
    let (width, target) = (width, mutablePointer())
    for (row, index) in indices.enumerated() {
      (target + index * width).update(from: source.pointer + row * width, count: width)
    }
  }

  /// Some of the rows in the order given, copied.
  ///
  /// - Parameter indices: Which rows.
  /// - Returns: `[indices.count, width]`.
  package func gather(_ indices: [Int]) -> Tensor {
    let width = width
    return Tensor([indices.count, width]) { target in
      for (row, index) in indices.enumerated() {
        (target + row * width).update(from: pointer + index * width, count: width)
      }
    }
  }
}
