internal import CKernels

/// The right operand of products, in the order in which the kernels read it.
///
/// A weight that many mini-batches multiply with is packed once a step. It takes 2 bytes an element
/// where the processor multiplies bf16 itself, else 4.
package final class PackedMatrix: Sendable {
  /// How the products are computed.
  package let form: PackedProduct.Form
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
    _ matrix: PackedProduct.Operand, columns: Int, depth: Int, form: PackedProduct.Form
  ) {
    PackedProduct.check(matrix, form)
    self.form = form
    self.columns = columns
    self.depth = depth
    storage = Storage(byteCount: kt_gemm_packed_size(form.kernel, columns, depth))
    let source = matrix.matrix
    WorkerPool.forEachBlock(of: columns, size: 4 * kt_gemm_panel(form.kernel)) { block in
      kt_gemm_pack_right(
        form.kernel, source, 0, depth, block.lowerBound, block.upperBound, storage.base)
    }
  }

  var pointer: UnsafeRawPointer { UnsafeRawPointer(storage.base) }
}

extension PackedProduct {
  /// result = alpha · left · right + addend, on all threads.
  ///
  /// - Parameters:
  ///   - left: `[rows, right.depth]`.
  ///   - right: The right operand, packed.
  ///   - result: `[rows, right.columns]`.
  ///   - rows: Rows of the result.
  ///   - alpha: The factor of the product.
  ///   - addend: What is added to the product.
  package static func multiply(
    _ left: Operand, _ right: PackedMatrix, into result: Target, rows: Int, alpha: Float = 1,
    adding addend: Addend = .nothing
  ) {
    check(left, right.form)
    forEachPiece(rows: rows, columns: right.columns, right.form) { rowRange, columnRange in
      multiply(
        left, right, into: result.target(row: rowRange.lowerBound, column: columnRange.lowerBound),
        rows: rowRange, columns: columnRange, alpha: alpha,
        adding: addend.addend(
          to: result, row: rowRange.lowerBound, column: columnRange.lowerBound))
    }
  }

  /// One piece of a product, on the calling thread.
  static func multiply(
    _ left: Operand, _ right: PackedMatrix, into target: kt_target, rows: Range<Int>,
    columns: Range<Int>, alpha: Float = 1, adding addend: kt_addend
  ) {
    kt_gemm_packed(
      right.form.kernel, left.dropping(rows: rows.lowerBound).matrix, right.pointer, rows.count,
      columns.lowerBound, columns.upperBound, right.depth, alpha, addend, target)
  }

  /// Cuts a result into pieces of equal size, as many for each thread: of the rows that the kernels
  /// pack at a time, or of fewer, so that a thread that is slow for a while keeps the others waiting
  /// for a quarter of its share at most; and of all columns, so that rows are packed once, or of
  /// fewer if there are few rows.
  ///
  /// Bits do not depend on the cut, so it may depend on the number of threads.
  static func forEachPiece(
    rows: Int, columns: Int, _ form: Form,
    _ body: (_ rows: Range<Int>, _ columns: Range<Int>) -> Void
  ) {
    let threads = WorkerPool.threadCount
    let blocks = (rows + rowsAtATime - 1) / rowsAtATime
    let wanted = max(blocks, min(4 * threads, rows / 48))
    let rowPieces = rows < threads * 8 ? blocks : (wanted + threads - 1) / threads * threads
    let rowBlock = (rows + rowPieces * 16 - 1) / (max(rowPieces, 1) * 16) * 16
    let panel = kt_gemm_panel(form.kernel)
    let columnPieces = max(1, min(columns / (4 * panel), 2 * threads / max(rowPieces, 1)))
    let columnBlock = (columns + columnPieces * panel - 1) / (columnPieces * panel) * panel
    let rowCount = rowBlock == 0 ? 0 : (rows + rowBlock - 1) / rowBlock
    let columnCount = columnBlock == 0 ? 0 : (columns + columnBlock - 1) / columnBlock
    WorkerPool.forEach(rowCount * columnCount) { index in
      let row = index / columnCount * rowBlock, column = index % columnCount * columnBlock
      body(row..<min(rows, row + rowBlock), column..<min(columns, column + columnBlock))
    }
  }

  /// How many rows the kernels pack at a time.
  static let rowsAtATime = 192
}
