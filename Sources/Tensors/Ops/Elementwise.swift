internal import CKernels

/// How many elements a thread takes at a time where an op goes through a tensor once: few enough to
/// share the work, many enough to hide what a region costs.
let elementwiseBlock = 16_384

extension Tensor {
  /// Adds another tensor's elements to this one's, which are fp32 afterwards.
  ///
  /// - Parameter other: A tensor of as many elements.
  package mutating func add(_ other: Tensor) {
    precondition(other.count == count, "add: \(other.shape) to \(shape)")
    self = expanded()
    let target = mutablePointer()
    let other = other.expanded()
    let source = other.pointer
    WorkerPool.forEachBlock(of: count, size: elementwiseBlock) { block in
      kt_add(block.count, source + block.lowerBound, target + block.lowerBound)
    }
  }

  /// Multiplies every element.
  ///
  /// - Parameter factor: What with.
  package mutating func scale(by factor: Float) {
    let target = mutablePointer()
    WorkerPool.forEachBlock(of: count, size: elementwiseBlock) { block in
      kt_scale(block.count, factor, target + block.lowerBound, target + block.lowerBound)
    }
  }

  /// The sum of the elements' squares, in double, in an order that depends on their number alone.
  ///
  /// - Returns: The sum.
  public func sumOfSquares() -> Double { Tensors.sumOfSquares(pointer, count: count) }
}

/// The sum of squares of `count` elements; see ``Tensor/sumOfSquares()``.
func sumOfSquares(_ source: UnsafePointer<Float>, count: Int) -> Double {
  let blocks = (count + elementwiseBlock - 1) / elementwiseBlock
  let sums = [Double](unsafeUninitializedCapacity: blocks) { sums, initialized in
    let target = sums.baseAddress
    WorkerPool.forEachBlock(of: count, size: elementwiseBlock) { block in
      target?[block.lowerBound / elementwiseBlock] =
        kt_sum_of_squares(block.count, source + block.lowerBound)
    }
    initialized = blocks
  }
  return sums.reduce(0, +)
}
