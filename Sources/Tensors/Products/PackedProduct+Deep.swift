internal import CKernels

extension PackedProduct {
  /// result = left · right + addend, on all threads, for operands that are used only once, such as
  /// those of the gradient of a weight, whose depth are all tokens.
  ///
  /// A block of depth of both operands is packed by all threads together, then all threads multiply:
  /// every element is packed once, and what is packed is still in the cache when it is used.
  ///
  /// - Parameters:
  ///   - left: `[rows, depth]`, without activation.
  ///   - right: `[depth, columns]`.
  ///   - result: `[rows, columns]`, of fp32.
  ///   - rows: Rows of the result.
  ///   - columns: Columns of the result.
  ///   - depth: Columns of the left operand.
  ///   - addend: What is added to the product.
  ///   - form: How the product is computed.
  package static func multiply(
    _ left: Operand, _ right: Operand, into result: Target, rows: Int, columns: Int, depth: Int,
    adding addend: Addend = .nothing, form: Form
  ) {
    check(left, by: right, form)
    precondition(
      result.element == .fp32 && left.activation == .identity,
      "PackedProduct: sums over a deep product wait in its result, which is \(result.element)")
    let kernel = form.kernel
    let blockDepth = min(max(depth, 1), wordsAtATime * 4 / form.packedSize)
    let rowBlock = 96
    let rowBlocks = (rows + rowBlock - 1) / rowBlock
    let columnBlock = 4 * kt_gemm_panel(kernel)
    let columnBlocks = (columns + columnBlock - 1) / columnBlock
    let leftBlock = kt_gemm_left_words(kernel, rowBlock, blockDepth)
    let rightWords = kt_gemm_packed_size(kernel, columns, blockDepth) / MemoryLayout<Float>.stride
    let (a, b) = (left.matrix, right.matrix)
    let rowRange = { (index: Int) in index * rowBlock..<min(rows, (index + 1) * rowBlock) }
    let columnRange = { (index: Int) in
      index * columnBlock..<min(columns, (index + 1) * columnBlock)
    }
    withScratch(floats: rightWords + rowBlocks * leftBlock) { scratch in
      let lefts = scratch + rightWords
      for from in stride(from: 0, to: max(depth, 1), by: blockDepth) {
        let here = min(blockDepth, depth - from)
        WorkerPool.forEach(rowBlocks + columnBlocks) { index in
          if index < columnBlocks {
            let columns = columnRange(index)
            kt_gemm_pack_right(
              kernel, b, from, here, columns.lowerBound, columns.upperBound, scratch)
          } else {
            let index = index - columnBlocks
            let rows = rowRange(index)
            kt_gemm_pack_left(
              kernel, a, rows.lowerBound, rows.count, from, here, lefts + index * leftBlock)
          }
        }
        WorkerPool.forEach(rowBlocks * columnBlocks) { index in
          let rows = rowRange(index / columnBlocks)
          let columns = columnRange(index % columnBlocks)
          let adding = from == 0 ? addend : .result(times: 1)
          kt_gemm_both_packed(
            kernel, lefts + index / columnBlocks * leftBlock, scratch, rows.count,
            columns.lowerBound, columns.upperBound, here, 1,
            adding.addend(to: result, row: rows.lowerBound, column: columns.lowerBound),
            result.target(row: rows.lowerBound, column: columns.lowerBound))
        }
      }
    }
  }

  /// Words of depth that are packed at a time.
  private static let wordsAtATime = 512
}
