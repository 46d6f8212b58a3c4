internal import CKernels

/// Products of matrices of `Float`: OpenBLAS on one thread for each block of rows of the result.
///
/// Losses and retrieval use them, whose operands are used once and whose shapes are anything; the
/// encoder's are ``PackedProduct``'s.
///
/// The blocks depend on the shapes alone, so the result does not depend on the number of threads.
public enum MatrixProduct {
  /// Opens OpenBLAS.
  ///
  /// - Throws: ``ProductError`` if the library is missing, with what to install.
  public static func open() throws {
    if let fault = kt_blas_open() { throw ProductError(message: String(cString: fault)) }
  }

  /// The name of the kernels that OpenBLAS chose for this processor, such as `SkylakeX`.
  public static var coreName: String { String(cString: kt_blas_core()) }

  /// What keeps OpenBLAS from this processor's best kernels; nil if nothing does.
  public static var hindrance: String? {
    kt_blas_core_is_held_back() == 0
      ? nil
      : "OPENBLAS_CORETYPE is set and keeps AVX-512 idle in the products of losses and retrieval; "
        + "unset it for about twice their speed"
  }

  /// A matrix in memory, or the transpose of one.
  package struct Operand {
    let pointer: UnsafePointer<Float>
    /// Elements from one row in memory to the next.
    let stride: Int
    var isTransposed = false

    package init(pointer: UnsafePointer<Float>, stride: Int, isTransposed: Bool = false) {
      self.pointer = pointer
      self.stride = stride
      self.isTransposed = isTransposed
    }

    /// The operand without its first `count` rows (of the matrix that enters the product).
    func dropping(rows count: Int) -> Operand {
      Operand(
        pointer: pointer + (isTransposed ? count : count * stride), stride: stride,
        isTransposed: isTransposed)
    }
  }

  /// How many rows of the result one piece of work has.
  ///
  /// The right operand is packed anew for each piece, which costs about one row's worth of work in
  /// this many.
  static let blockRows = 256

  /// result = left · right + beta · result, on all threads.
  ///
  /// - Parameters:
  ///   - left: `[rows, depth]`.
  ///   - right: `[depth, columns]`.
  ///   - result: `[rows, columns]`, dense.
  ///   - rows: Rows of the result.
  ///   - columns: Columns of the result.
  ///   - depth: Columns of the left operand.
  ///   - beta: What the result's old elements are multiplied with; if 0, they may be undefined.
  ///   - blockRows: Rows of the result in one piece of work.
  static func multiply(
    _ left: Operand, _ right: Operand, into result: UnsafeMutablePointer<Float>, rows: Int,
    columns: Int, depth: Int, beta: Float = 0, blockRows: Int = blockRows
  ) {
    WorkerPool.forEachBlock(of: rows, size: blockRows) { block in
      multiplyHere(
        left.dropping(rows: block.lowerBound), right, into: result + block.lowerBound * columns,
        stride: columns, rows: block.count, columns: columns, depth: depth, beta: beta)
    }
  }

  /// result = alpha · left · right + beta · result, on the calling thread, for a piece of work that
  /// is small or one of many.
  package static func multiplyHere(
    _ left: Operand, _ right: Operand, into result: UnsafeMutablePointer<Float>, stride: Int,
    rows: Int, columns: Int, depth: Int, alpha: Float = 1, beta: Float = 0
  ) {
    kt_sgemm(
      left.isTransposed ? 1 : 0, right.isTransposed ? 1 : 0, rows, columns, depth, alpha,
      left.pointer, left.stride, right.pointer, right.stride, beta, result, stride)
  }
}

/// The library of matrix products cannot be used.
public struct ProductError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is missing and how to install it.
  public let message: String

  /// The message.
  public var description: String { message }
}
