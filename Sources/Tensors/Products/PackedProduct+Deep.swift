internal import CKernels

extension PackedProduct {
  /// Some rows of a result, and where they go: the gradients of several weights lie apart, but are
  /// one product.
  package struct Rows {
    let target: Target
    let count: Int
    let addend: Addend

    /// Creates a part of a result.
    ///
    /// - Parameters:
    ///   - target: Where it goes; of fp32.
    ///   - count: How many rows it has.
    ///   - addend: What is added to the product.
    package init(target: Target, count: Int, adding addend: Addend = .nothing) {
      (self.target, self.count, self.addend) = (target, count, addend)
    }
  }

  /// result = left · right + addend, on all threads, for operands that are used only once, such as
  /// those of the gradient of a weight, whose depth are all tokens.
  ///
  /// Every element is packed once, by all threads together; while they multiply one block of depth,
  /// those who find nothing to do there pack the next.
  ///
  /// - Parameters:
  ///   - left: `[rows, depth]`, without activation.
  ///   - right: `[depth, columns]`.
  ///   - parts: The result's rows, `[rows, columns]` from the top.
  ///   - columns: Columns of the result.
  ///   - depth: Columns of the left operand.
  ///   - leftSums: Gets the sum of each row of the left operand, which must be a transpose then; nil if
  ///     nobody wants them. They are to be had while its elements are in the cache.
  ///   - form: How the product is computed.
  package static func multiply(
    _ left: Operand, _ right: Operand, into parts: [Rows], columns: Int, depth: Int,
    leftSums: UnsafeMutablePointer<Float>? = nil, form: Form
  ) {
    check(left, by: right, form)
    precondition(leftSums == nil || left.isTransposed, "PackedProduct: sums of rows that are dense")
    precondition(
      left.activation == .identity && parts.allSatisfy { $0.target.element == .fp32 },
      "PackedProduct: sums over a deep product wait in its result, which is of fp32")
    DeepProduct(left, right, parts, columns, depth, leftSums, form).run()
  }
}

/// A deep product under way.
///
/// Bits depend on how the depth is cut, so that depends on the form alone; the pieces of the result
/// are the smaller the more threads there are.
private struct DeepProduct {
  let left: PackedProduct.Operand
  let right: PackedProduct.Operand
  let parts: [PackedProduct.Rows]
  let columns: Int
  let depth: Int
  let leftSums: UnsafeMutablePointer<Float>?
  let kernel: OpaquePointer
  let blockDepth: Int
  /// The pieces of the result: rows of one part, counted from the top of the whole and of the part.
  let rowPieces: [(part: Int, first: Int, row: Int, count: Int)]
  let columnPieces: [Range<Int>]
  let rightWords: Int
  let leftWords: Int

  /// Words of depth that are packed at a time.
  private static let wordsAtATime = 512
  private static let mostRows = 96
  private static let mostPanels = 4

  init(
    _ left: PackedProduct.Operand, _ right: PackedProduct.Operand, _ parts: [PackedProduct.Rows],
    _ columns: Int, _ depth: Int, _ leftSums: UnsafeMutablePointer<Float>?,
    _ form: PackedProduct.Form
  ) {
    (self.left, self.right, self.parts, kernel) = (left, right, parts, form.kernel)
    (self.columns, self.depth, self.leftSums) = (columns, depth, leftSums)
    blockDepth = min(max(depth, 1), Self.wordsAtATime * 4 / form.packedSize)
    let wanted = 3 * WorkerPool.threadCount
    var (height, panels) = (Self.mostRows, Self.mostPanels)
    func pieces() -> Int {
      let width = panels * kt_gemm_panel(form.kernel)
      return parts.reduce(0) { $0 + ($1.count + height - 1) / height }
        * ((columns + width - 1) / width)
    }
    while pieces() < wanted, height > 32 || panels > 1 {
      if height > 32 { height -= 32 } else { panels /= 2 }
    }
    var top = 0
    rowPieces = parts.indices.flatMap { part in
      defer { top += parts[part].count }
      return stride(from: 0, to: parts[part].count, by: height).map { row in
        (part, top + row, row, min(height, parts[part].count - row))
      }
    }
    let width = panels * kt_gemm_panel(kernel)
    let columnCount = columns
    columnPieces = stride(from: 0, to: columnCount, by: width).map {
      $0..<min(columnCount, $0 + width)
    }
    leftWords = kt_gemm_left_words(kernel, height, blockDepth)
    rightWords = kt_gemm_packed_size(kernel, columns, blockDepth) / MemoryLayout<Float>.stride
  }

  func run() {
    let blocks = max(1, (depth + blockDepth - 1) / blockDepth)
    let words = rightWords + rowPieces.count * leftWords
    withScratch(floats: min(blocks, 2) * words) { scratch in
      for block in 0...blocks {
        let packed = scratch + block % 2 * words
        let multiplied = scratch + (block + 1) % 2 * words
        let products = block == 0 ? 0 : rowPieces.count * columnPieces.count
        let operands = block == blocks ? 0 : rowPieces.count + columnPieces.count
        WorkerPool.forEach(products + operands) { index in
          if index < products {
            multiply(index, block: block - 1, multiplied)
          } else {
            pack(index - products, block: block, to: packed)
          }
        }
      }
    }
  }

  private func depths(_ block: Int) -> (from: Int, count: Int) {
    (block * blockDepth, min(blockDepth, depth - block * blockDepth))
  }

  private func pack(_ index: Int, block: Int, to scratch: UnsafeMutablePointer<Float>) {
    let (from, here) = depths(block)
    if index < columnPieces.count {
      let columns = columnPieces[index]
      kt_gemm_pack_right(
        kernel, right.matrix, from, here, columns.lowerBound, columns.upperBound, scratch)
    } else {
      let rows = rowPieces[index - columnPieces.count]
      kt_gemm_pack_left(
        kernel, left.matrix, rows.first, rows.count, from, here,
        scratch + rightWords + (index - columnPieces.count) * leftWords)
      if let leftSums {
        add(from..<from + here, of: rows.first, rows.count, to: leftSums + rows.first)
      }
    }
  }

  /// Adds some elements of each of some rows of the left operand to sums.
  private func add(
    _ depths: Range<Int>, of row: Int, _ count: Int, to sums: UnsafeMutablePointer<Float>
  ) {
    if depths.lowerBound == 0 { sums.update(repeating: 0, count: count) }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { scratch in
      guard let part = scratch.baseAddress else { return }
      for from in stride(from: depths.lowerBound, to: depths.upperBound, by: rowsSummedAtATime) {
        part.update(repeating: 0, count: count)
        let elements = left.dropping(rows: row).dropping(columns: from)
        kt_add_rows(
          min(rowsSummedAtATime, depths.upperBound - from), count, elements.stride,
          elements.pointer, elements.element.kernelType, part)
        kt_add(count, part, sums)
      }
    }
  }

  private func multiply(_ index: Int, block: Int, _ scratch: UnsafeMutablePointer<Float>) {
    let (row, column) = (index / columnPieces.count, index % columnPieces.count)
    let (rows, columns) = (rowPieces[row], columnPieces[column])
    let part = parts[rows.part]
    let adding = block == 0 ? part.addend : .result(times: 1)
    kt_gemm_both_packed(
      kernel, scratch + rightWords + row * leftWords, scratch, rows.count, columns.lowerBound,
      columns.upperBound, depths(block).count, 1,
      adding.addend(to: part.target, row: rows.row, column: columns.lowerBound),
      part.target.target(row: rows.row, column: columns.lowerBound))
  }
}
