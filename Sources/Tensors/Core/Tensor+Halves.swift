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
    let values = element.read(source, count: range.count, target)
    if values != UnsafePointer(target) { target.update(from: values, count: range.count) }
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

extension ElementType {
  /// Some numbers in memory as `Float`: where they are if that is what they are, else in `buffer`.
  func read(
    _ source: UnsafeRawPointer, count: Int, _ buffer: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    switch self {
    case .fp32: return source.assumingMemoryBound(to: Float.self)
    case .bf16: kt_fp32_from_bf16(count, source.assumingMemoryBound(to: UInt16.self), buffer)
    case .fp16: kt_fp32_from_fp16(count, source.assumingMemoryBound(to: UInt16.self), buffer)
    }
    return UnsafePointer(buffer)
  }

  /// Stores numbers.
  func write(
    _ values: UnsafePointer<Float>, count: Int, to target: UnsafeMutableRawPointer
  ) {
    switch self {
    case .fp32:
      target.copyMemory(from: values, byteCount: count * MemoryLayout<Float>.stride)
    case .bf16: kt_bf16_from_fp32(count, values, target.assumingMemoryBound(to: UInt16.self))
    case .fp16: kt_fp16_from_fp32(count, values, target.assumingMemoryBound(to: UInt16.self))
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
      element.write(values, count: range.count, to: target)
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
