/// How fast this machine multiplies matrices: what the speed of a whole step is held against.
public enum ProductSpeed {
  /// Whose products are measured.
  public enum Kernels: String, Sendable {
    /// Ours, with the right operand packed before.
    case own
    /// OpenBLAS's, of fp32.
    case openBLAS
  }

  /// The speed of one product, repeated for a while on all threads of the pool.
  ///
  /// - Parameters:
  ///   - rows: Rows of the left operand.
  ///   - depth: Columns of the left operand.
  ///   - columns: Columns of the right operand.
  ///   - precision: The type of the operands and of the result.
  ///   - kernels: Whose products; OpenBLAS's are of fp32 only.
  ///   - seconds: How long to repeat.
  /// - Returns: Billions of floating-point operations a second.
  public static func measure(
    rows: Int, depth: Int, columns: Int, precision: ElementType = .fp32,
    kernels: Kernels = .own, seconds: Double = 1
  ) -> Speed {
    precondition(kernels == .own || precision == .fp32, "OpenBLAS: products of \(precision)")
    let left = Tensor(repeating: 0.5, shape: [rows, depth]).rounded(to: precision)
    let right = Tensor(repeating: 0.25, shape: [columns, depth])
    let packed = PackedMatrix(
      right.operand(isTransposed: true), columns: columns, depth: depth, form: .best(for: precision)
    )
    var best = Duration.seconds(1000)
    let start = ContinuousClock.now
    var repetitions = 0
    repeat {
      let begun = ContinuousClock.now
      _ = Tensor([rows, columns], element: precision) { result in
        switch kernels {
        case .own:
          PackedProduct.multiply(
            left.operand(), packed,
            into: .init(pointer: result, element: precision, stride: columns), rows: rows)
        case .openBLAS:
          MatrixProduct.multiply(
            .init(pointer: left.pointer, stride: depth),
            .init(pointer: right.pointer, stride: depth, isTransposed: true),
            into: result.assumingMemoryBound(to: Float.self), rows: rows, columns: columns,
            depth: depth)
        }
      }
      best = min(best, ContinuousClock.now - begun)
      repetitions += 1
    } while ContinuousClock.now - start < .seconds(seconds)
    let operations = 2 * Double(rows) * Double(depth) * Double(columns) / 1e9
    return Speed(
      peak: operations / (best / .seconds(1)),
      sustained: operations * Double(repetitions) / ((ContinuousClock.now - start) / .seconds(1)))
  }

  /// Billions of floating-point operations a second.
  public struct Speed: Sendable {
    /// In the best repetition.
    public let peak: Double
    /// Over all of them: less than the peak where others use the machine, too.
    public let sustained: Double
  }
}
