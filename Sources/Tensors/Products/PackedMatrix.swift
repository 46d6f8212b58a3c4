internal import CKernels

/// The right operand of products, in the order in which the kernels read it.
///
/// A weight that many mini-batches multiply with is packed once a step. It takes 2 bytes an element
/// where the processor multiplies bf16 itself, else 4.
package final class PackedMatrix: Sendable {
  /// How the products are computed.
  package let form: HalfProduct.Form
  /// Columns of the matrix.
  package let columns: Int
  /// Rows of the matrix.
  package let depth: Int
  private let storage: Storage

  /// Packs a matrix, on all threads.
  ///
  /// - Parameters:
  ///   - matrix: `[depth, columns]`.
  ///   - columns: Columns of the matrix.
  ///   - depth: Rows of the matrix.
  ///   - form: How the products will be computed.
  package init(
    _ matrix: HalfProduct.Operand, columns: Int, depth: Int, form: HalfProduct.Form
  ) {
    HalfProduct.check(matrix, matrix, form)
    self.form = form
    self.columns = columns
    self.depth = depth
    storage = Storage(byteCount: kt_gemm_packed_size(form.kernel, columns, depth))
    let source = matrix.matrix
    WorkerPool.forEachBlock(of: columns, size: 4 * kt_gemm_panel(form.kernel)) { block in
      kt_gemm_pack(
        form.kernel, source, depth, block.lowerBound, block.upperBound, storage.base)
    }
  }

  var pointer: UnsafeRawPointer { UnsafeRawPointer(storage.base) }
}

extension HalfProduct {
  /// result = alpha · left · right + beta · result, on all threads.
  ///
  /// - Parameters:
  ///   - left: `[rows, right.depth]`.
  ///   - right: The right operand, packed.
  ///   - result: `[rows, right.columns]`.
  ///   - rows: Rows of the result.
  ///   - alpha: The factor of the product.
  ///   - beta: What the result's old elements are multiplied with; if 0, they may be undefined.
  ///   - prepare: Called with the rows and columns of each piece before it is computed.
  ///   - finish: Called with them as soon as it is done.
  package static func multiply(
    _ left: Operand, _ right: PackedMatrix, into result: Target, rows: Int, alpha: Float = 1,
    beta: Float = 0, prepare: (_ rows: Range<Int>, _ columns: Range<Int>) -> Void = { _, _ in },
    finish: (_ rows: Range<Int>, _ columns: Range<Int>) -> Void = { _, _ in }
  ) {
    check(left, left, right.form)
    forEachPiece(rows: rows, columns: right.columns) { rowRange, columnRange in
      let (row, column) = (rowRange.lowerBound, columnRange.lowerBound)
      prepare(rowRange, columnRange)
      kt_gemm_packed(
        right.form.kernel, left.dropping(rows: row).matrix, right.pointer, rowRange.count, column,
        columnRange.upperBound, right.depth, alpha, beta, result.target(row: row, column: column))
      finish(rowRange, columnRange)
    }
  }

  /// Cuts a result into pieces: the rows that the kernels pack at a time, and fewer columns if there
  /// are few rows.
  private static func forEachPiece(
    rows: Int, columns: Int, _ body: (_ rows: Range<Int>, _ columns: Range<Int>) -> Void
  ) {
    let rowBlock = 192
    let rowBlocks = (rows + rowBlock - 1) / rowBlock
    let columnBlock = rowBlocks * ((columns + 767) / 768) >= 8 ? 768 : 384
    let columnBlocks = (columns + columnBlock - 1) / columnBlock
    WorkerPool.forEach(rowBlocks * columnBlocks) { index in
      let (row, column) = (index / columnBlocks * rowBlock, index % columnBlocks * columnBlock)
      body(row..<min(rows, row + rowBlock), column..<min(columns, column + columnBlock))
    }
  }

  /// result = alpha · left · right + beta · result, on all threads, packing the right operand.
  ///
  /// If the result has few rows and the depth is long, as in the gradient of a weight, each piece
  /// packs what it needs, as often as there are blocks of rows: that stays in the cache, and the
  /// whole operand would not.
  ///
  /// - Parameters:
  ///   - left: `[rows, depth]`.
  ///   - right: `[depth, columns]`.
  ///   - result: `[rows, columns]`.
  ///   - rows: Rows of the result.
  ///   - columns: Columns of the result.
  ///   - depth: Columns of the left operand.
  ///   - alpha: The factor of the product.
  ///   - beta: What the result's old elements are multiplied with; if 0, they may be undefined.
  ///   - form: How the product is computed.
  ///   - finish: Called with the rows and columns of each piece as soon as it is done.
  package static func multiply(
    _ left: Operand, _ right: Operand, into result: Target, rows: Int, columns: Int, depth: Int,
    alpha: Float = 1, beta: Float = 0, form: Form,
    finish: (_ rows: Range<Int>, _ columns: Range<Int>) -> Void = { _, _ in }
  ) {
    guard rows <= 768, depth >= 1536 else {
      let packed = PackedMatrix(right, columns: columns, depth: depth, form: form)
      return multiply(
        left, packed, into: result, rows: rows, alpha: alpha, beta: beta, finish: finish)
    }
    check(left, right, form)
    forEachPiece(rows: rows, columns: columns) { rowRange, columnRange in
      let (row, column) = (rowRange.lowerBound, columnRange.lowerBound)
      kt_gemm(
        form.kernel, left.dropping(rows: row).matrix, right.dropping(columns: column).matrix,
        rowRange.count, columnRange.count, depth, alpha, beta,
        result.target(row: row, column: column))
      finish(rowRange, columnRange)
    }
  }
}
