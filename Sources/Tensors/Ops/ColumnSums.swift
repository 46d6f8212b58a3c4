internal import CKernels

/// How many rows are summed by themselves where a sum goes over rows.
///
/// Few, since each addition to a large sum rounds more. The bits of the sums depend on it.
let rowsSummedAtATime = 256

/// Sums a vector over rows, on all threads: each block of rows, then all blocks of some columns, in
/// order.
///
/// - Parameters:
///   - rows: How many rows there are.
///   - width: How many elements the vector has.
///   - body: Adds what some rows contribute.
/// - Returns: `[width]`.
func columnSums(
  rows: Int, width: Int, _ body: (_ rows: Range<Int>, _ sum: UnsafeMutablePointer<Float>) -> Void
) -> Tensor {
  let blocks = max(1, (rows + rowsSummedAtATime - 1) / rowsSummedAtATime)
  var partial = Tensor(repeating: 0, shape: [blocks, width])
  let sums = partial.mutablePointer()
  WorkerPool.forEachBlock(of: rows, size: rowsSummedAtATime) { block in
    body(block, sums + block.lowerBound / rowsSummedAtATime * width)
  }
  return Tensor([width]) { total in
    WorkerPool.forEachBlock(of: width, size: 128) { columns in
      let first = columns.lowerBound
      (total + first).update(from: sums + first, count: columns.count)
      for block in 1..<max(blocks, 1) {
        kt_add(columns.count, sums + block * width + first, total + first)
      }
    }
  }
}

extension Tensor {
  /// Some of the elements, copied: `[range.count]`.
  func elements(_ range: Range<Int>) -> Tensor {
    precondition(range.upperBound <= count, "elements \(range) of \(shape)")
    return Tensor([range.count]) {
      $0.update(from: pointer + range.lowerBound, count: range.count)
    }
  }
}
