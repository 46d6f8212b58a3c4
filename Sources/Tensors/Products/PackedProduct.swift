internal import CKernels

/// Products of matrices of fp32 or 16-bit numbers by our own kernels, summed in fp32.
///
/// The right operand is packed once, on all threads; then pieces of the result are computed from it.
/// A weight stays packed for all mini-batches of a step, and what stands before and behind a product
/// in a network (GELU, bias, the sum with a residual) is done on the way in and out: that is why
/// they win over a library's products even where its kernel is as fast.
/// Every element is one sum over the depth in a fixed order, so the result depends neither on the
/// number of threads nor on how it is cut into pieces.
package enum PackedProduct {
  /// What is multiplied.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Numbers of bf16; fp32 operands are rounded to it.
    case bf16
    /// Numbers of fp32 or fp16, each as it is.
    case fp32

    var kernelKind: kt_product { self == .bf16 ? kt_product_bf16 : kt_product_fp32 }

    /// The kind for activations of a type.
    package init(for element: ElementType) { self = element == .bf16 ? .bf16 : .fp32 }

    /// How a gradient is best stored that only enters products of this kind.
    ///
    /// It is rounded once where it is made, not at every use; fp16 has too small a range for that.
    var gradientElement: ElementType { self == .bf16 ? .bf16 : .fp32 }
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

    /// The fastest form for activations of a type.
    package static func best(for element: ElementType) -> Form { best(Kind(for: element)) }

    /// Every form that this processor can run, the slowest first.
    ///
    /// - Parameter kind: What is multiplied.
    /// - Returns: At least one form.
    package static func all(_ kind: Kind) -> [Form] {
      [kt_baseline, kt_avx2, kt_avx512, kt_avx512bf16, kt_amx].compactMap {
        kt_gemm_at(kind.kernelKind, $0).map { Form(kind: kind, kernel: $0) }
      }
    }

    /// The instructions, such as `AVX512-BF16`.
    package var name: String { String(cString: kt_gemm_name(kernel)) }

    /// Creates a form.
    ///
    /// - Parameters:
    ///   - kind: What is multiplied.
    ///   - kernel: What CKernels calls `const kt_gemm_form *`.
    package init(kind: Kind, kernel: OpaquePointer) { (self.kind, self.kernel) = (kind, kernel) }

    /// Whether the processor multiplies numbers of 16 bits itself, faster than those of 32.
    package var multipliesHalves: Bool { packedSize == 2 }

    /// Bytes of one element of a packed operand.
    var packedSize: Int {
      let depth = 64  // whole steps of every form
      return kt_gemm_packed_size(kernel, kt_gemm_panel(kernel), depth) / kt_gemm_panel(kernel)
        / depth
    }

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
    /// What each element of a left operand goes through first.
    let activation: Activation

    /// Creates an operand.
    ///
    /// - Parameters:
    ///   - pointer: The first element.
    ///   - element: How the elements are stored: fp32, or 16 bits as the product's kind allows.
    ///   - stride: Elements from one row in memory to the next.
    ///   - isTransposed: Whether the transpose enters the product.
    ///   - activation: What each element goes through first; only a left operand's may.
    package init(
      pointer: UnsafeRawPointer, element: ElementType, stride: Int, isTransposed: Bool = false,
      activation: Activation = .identity
    ) {
      self.pointer = pointer
      self.element = element
      self.stride = stride
      self.isTransposed = isTransposed
      self.activation = activation
    }

    /// The operand without its first `count` rows (of the matrix that enters the product).
    func dropping(rows count: Int) -> Operand {
      Operand(
        pointer: pointer + (isTransposed ? count : count * stride) * element.size,
        element: element, stride: stride, isTransposed: isTransposed, activation: activation)
    }

    /// The operand without its first `count` columns (of the matrix that enters the product).
    func dropping(columns count: Int) -> Operand {
      Operand(
        pointer: pointer + (isTransposed ? count * stride : count) * element.size,
        element: element, stride: stride, isTransposed: isTransposed, activation: activation)
    }

    var matrix: kt_matrix {
      kt_matrix(
        data: pointer, stride: stride, element: element.kernelType,
        transposed: isTransposed ? 1 : 0, gelu: activation == .gelu ? 1 : 0)
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

  /// What is added to a product.
  package enum Addend {
    /// Nothing: the result's old elements may be undefined.
    case nothing
    /// The result's old elements, times a factor.
    case result(times: Float)
    /// One row, a bias, to every row of the product.
    case row(UnsafePointer<Float>)

    /// The old elements unless the factor is 0.
    init(beta: Float) { self = beta == 0 ? .nothing : .result(times: beta) }

    /// The addend of the part of a result that begins at a row and a column.
    func addend(to result: Target, row: Int, column: Int) -> kt_addend {
      switch self {
      case .nothing: return kt_addend(data: nil, stride: 0, element: kt_fp32, factor: 0)
      case .row(let bias):
        return kt_addend(data: bias + column, stride: 0, element: kt_fp32, factor: 1)
      case .result(let factor):
        let target = result.target(row: row, column: column)
        return kt_addend(
          data: target.data, stride: target.stride, element: target.element, factor: factor)
      }
    }
  }

  static func check(_ left: Operand, by right: Operand? = nil, _ form: Form) {
    let half: ElementType = form.kind == .bf16 ? .bf16 : .fp16
    let fits = { (operand: Operand) in operand.element == .fp32 || operand.element == half }
    precondition(
      fits(left) && right.map(fits) ?? true && right?.activation ?? .identity == .identity,
      "PackedProduct: \(left.element) times \(right?.element ?? left.element) as \(form)")
  }
}
