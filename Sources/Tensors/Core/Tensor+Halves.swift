internal import CKernels

// Elements of 16 bits are widened and rounded a block at a time, in memory that stays in the cache:
// the arithmetic of every op is that of fp32.

extension Tensor {
  /// Calls `body` with some elements as `Float`: the elements themselves if that is what they are.
  ///
  /// - Parameters:
  ///   - range: Which elements.
  ///   - body: Must not keep the pointer to the first of them.
  /// - Returns: What `body` returns.
  package func withFloats<Result>(
    _ range: Range<Int>, _ body: (UnsafePointer<Float>) throws -> Result
  ) rethrows -> Result {
    if element == .fp32 { return try body(pointer + range.lowerBound) }
    return try withUnsafeTemporaryAllocation(of: Float.self, capacity: range.count) { scratch in
      widen(range, to: scratch.baseAddress!)
      return try body(UnsafePointer(scratch.baseAddress!))
    }
  }

  /// Writes some elements as `Float`.
  func widen(_ range: Range<Int>, to target: UnsafeMutablePointer<Float>) {
    let source = rawPointer + range.lowerBound * element.size
    switch element {
    case .fp32: target.update(from: pointer + range.lowerBound, count: range.count)
    case .bf16:
      kt_fp32_from_bf16(range.count, source.assumingMemoryBound(to: UInt16.self), target)
    case .fp16:
      kt_fp32_from_fp16(range.count, source.assumingMemoryBound(to: UInt16.self), target)
    }
  }

  /// The same numbers as `Float`; the tensor itself if they are.
  package func expanded() -> Tensor {
    if element == .fp32 { return self }
    return Tensor(shape) { target in
      WorkerPool.forEachBlock(of: count, size: elementwiseBlock) { block in
        widen(block, to: target + block.lowerBound)
      }
    }
  }
}

/// Where an op writes a result of any element type, a block at a time.
struct BlockWriter {
  let base: UnsafeMutableRawPointer
  let element: ElementType

  /// Calls `body` with memory for some elements as `Float`, and stores what it wrote there.
  func write(_ range: Range<Int>, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    let target = base + range.lowerBound * element.size
    if element == .fp32 { return body(target.assumingMemoryBound(to: Float.self)) }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: range.count) { scratch in
      let values = scratch.baseAddress!
      body(values)
      let halves = target.assumingMemoryBound(to: UInt16.self)
      if element == .bf16 {
        kt_bf16_from_fp32(range.count, values, halves)
      } else {
        kt_fp16_from_fp32(range.count, values, halves)
      }
    }
  }
}

extension Tensor {
  /// Creates a tensor of any element type from blocks that are written as `Float`.
  ///
  /// - Parameters:
  ///   - shape: The extents.
  ///   - element: How the elements are stored.
  ///   - initialize: Must write every element.
  init(_ shape: [Int], as element: ElementType, initialize: (BlockWriter) -> Void) {
    self.init(shape, element: element) { initialize(BlockWriter(base: $0, element: element)) }
  }

  /// The same numbers rounded to another type; the tensor itself if that is its type.
  package func rounded(to element: ElementType) -> Tensor {
    if element == self.element { return self }
    return Tensor(shape, as: element) { writer in
      WorkerPool.forEachBlock(of: count, size: elementwiseBlock) { block in
        writer.write(block) { widen(block, to: $0) }
      }
    }
  }
}
