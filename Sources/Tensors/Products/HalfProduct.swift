internal import CKernels

/// Products of matrices whose elements may have 16 bits, summed in fp32.
///
/// The right operand is packed once, on all threads; then pieces of the result are computed from it.
/// Every element is one sum over the depth in a fixed order, so the result depends neither on the
/// number of threads nor on how it is cut into pieces.
package enum HalfProduct {
  /// What is multiplied.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Numbers of bf16; fp32 operands are rounded to it.
    case bf16
    /// Numbers of fp16 or fp32, each as it is.
    case fp16

    var kernelKind: kt_product { self == .bf16 ? kt_product_bf16 : kt_product_fp16 }
  }

  /// How products of one kind are computed with the instructions of one generation.
  package struct Form: @unchecked Sendable, Hashable, CustomStringConvertible {
    /// What is multiplied.
    package let kind: Kind
    let kernel: OpaquePointer

    /// The fastest form that this processor can run.
    ///
    /// - Parameter kind: What is multiplied.
    /// - Returns: The form.
    package static func best(_ kind: Kind) -> Form {
      Form(kind: kind, kernel: kt_gemm_best(kind.kernelKind))
    }

    /// The fastest form for activations of a type of 16 bits.
    package static func best(for element: ElementType) -> Form {
      precondition(element != .fp32, "HalfProduct: products of fp32 are OpenBLAS's")
      return best(element == .bf16 ? .bf16 : .fp16)
    }

    /// Every form that this processor can run, the slowest first.
    ///
    /// - Parameter kind: What is multiplied.
    /// - Returns: At least one form.
    package static func all(_ kind: Kind) -> [Form] {
      [kt_baseline, kt_avx2, kt_avx512, kt_avx512bf16].compactMap {
        kt_gemm_at(kind.kernelKind, $0).map { Form(kind: kind, kernel: $0) }
      }
    }

    /// The instructions, such as `AVX512-BF16`.
    package var name: String { String(cString: kt_gemm_name(kernel)) }

    /// The kind and the instructions.
    package var description: String { "\(kind.rawValue) by \(name)" }
  }

  /// A matrix in memory, or the transpose of one.
  package struct Operand {
    let pointer: UnsafeRawPointer
    let element: ElementType
    /// Elements from one row in memory to the next.
    let stride: Int
    let isTransposed: Bool

    /// Creates an operand.
    ///
    /// - Parameters:
    ///   - pointer: The first element.
    ///   - element: How the elements are stored: fp32, or as the product's kind says.
    ///   - stride: Elements from one row in memory to the next.
    ///   - isTransposed: Whether the transpose enters the product.
    package init(
      pointer: UnsafeRawPointer, element: ElementType, stride: Int, isTransposed: Bool = false
    ) {
      self.pointer = pointer
      self.element = element
      self.stride = stride
      self.isTransposed = isTransposed
    }

    /// The operand without its first `count` rows (of the matrix that enters the product).
    func dropping(rows count: Int) -> Operand {
      Operand(
        pointer: pointer + (isTransposed ? count : count * stride) * element.size,
        element: element, stride: stride, isTransposed: isTransposed)
    }

    /// The operand without its first `count` columns (of the matrix that enters the product).
    func dropping(columns count: Int) -> Operand {
      Operand(
        pointer: pointer + (isTransposed ? count * stride : count) * element.size,
        element: element, stride: stride, isTransposed: isTransposed)
    }

    var matrix: kt_matrix {
      kt_matrix(
        data: pointer, stride: stride, element: element.kernelType, transposed: isTransposed ? 1 : 0
      )
    }
  }

  /// Where a result goes.
  package struct Target {
    let pointer: UnsafeMutableRawPointer
    let element: ElementType
    /// Elements from one row to the next.
    let stride: Int

    /// Creates a target.
    ///
    /// - Parameters:
    ///   - pointer: The first element.
    ///   - element: How the elements are stored; those of 16 bits are rounded once, from the sum.
    ///   - stride: Elements from one row to the next.
    package init(pointer: UnsafeMutableRawPointer, element: ElementType, stride: Int) {
      self.pointer = pointer
      self.element = element
      self.stride = stride
    }

    func target(row: Int, column: Int) -> kt_target {
      kt_target(
        data: pointer + (row * stride + column) * element.size, stride: stride,
        element: element.kernelType)
    }
  }

  /// result = alpha · left · right + beta · result, on the calling thread, for a product that is small
  /// or one of many.
  package static func multiplyHere(
    _ left: Operand, _ right: Operand, into result: Target, rows: Int, columns: Int, depth: Int,
    alpha: Float = 1, beta: Float = 0, form: Form
  ) {
    check(left, right, form)
    kt_gemm(
      form.kernel, left.matrix, right.matrix, rows, columns, depth, alpha, beta,
      result.target(row: 0, column: 0))
  }

  static func check(_ left: Operand, _ right: Operand, _ form: Form) {
    let half: ElementType = form.kind == .bf16 ? .bf16 : .fp16
    precondition(
      (left.element == .fp32 || left.element == half)
        && (right.element == .fp32 || right.element == half),
      "HalfProduct: \(left.element) times \(right.element) as \(form)")
  }
}
