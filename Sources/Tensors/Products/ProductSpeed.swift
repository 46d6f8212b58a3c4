/// How fast this machine multiplies matrices by the library that the ops use.
public enum ProductSpeed {
  /// The speed of one product, repeated for a while on all threads of the pool.
  ///
  /// - Parameters:
  ///   - rows: Rows of the left operand.
  ///   - depth: Columns of the left operand.
  ///   - columns: Columns of the right operand.
  ///   - precision: The operands' type; of 16 bits, the right one is packed already.
  ///   - seconds: How long to repeat.
  /// - Returns: Billions of floating-point operations a second in the best repetition.
  public static func measure(
    rows: Int, depth: Int, columns: Int, precision: ElementType = .fp32, seconds: Double = 1
  ) -> Double {
    let left = Tensor(repeating: 0.5, shape: [rows, depth]).rounded(to: precision)
    let right = Parameter(
      name: "right", index: 0, value: Tensor(repeating: 0.25, shape: [columns, depth]))
    var best = Duration.seconds(1000)
    let start = ContinuousClock.now
    repeat {
      let begun = ContinuousClock.now
      _ = Tensor([rows, columns], element: precision) { result in
        if precision == .fp32 {
          MatrixProduct.multiply(
            .init(pointer: left.pointer, stride: depth),
            .init(pointer: right.value.pointer, stride: depth, isTransposed: true),
            into: result.assumingMemoryBound(to: Float.self), rows: rows, columns: columns,
            depth: depth)
        } else {
          HalfProduct.multiply(
            .init(pointer: left.rawPointer, element: precision, stride: depth),
            right.packed(.best(for: precision), isTransposed: true),
            into: .init(pointer: result, element: precision, stride: columns), rows: rows)
        }
      }
      best = min(best, ContinuousClock.now - begun)
    } while ContinuousClock.now - start < .seconds(seconds)
    let time = Double(best.components.attoseconds) * 1e-18 + Double(best.components.seconds)
    return 2 * Double(rows) * Double(depth) * Double(columns) / time / 1e9
  }
}
