/// How fast this machine multiplies matrices by the library that the ops use.
public enum ProductSpeed {
  /// The speed of one product, repeated for a while on all threads of the pool.
  ///
  /// - Parameters:
  ///   - rows: Rows of the left operand.
  ///   - depth: Columns of the left operand.
  ///   - columns: Columns of the right operand.
  ///   - seconds: How long to repeat.
  /// - Returns: Billions of floating-point operations a second in the best repetition.
  public static func measure(
    rows: Int, depth: Int, columns: Int, seconds: Double = 1
  ) -> Double {
    let left = Tensor(repeating: 0.5, shape: [rows, depth])
    let right = Tensor(repeating: 0.25, shape: [columns, depth])
    var best = Duration.seconds(1000)
    let start = ContinuousClock.now
    repeat {
      let begun = ContinuousClock.now
      _ = Tensor([rows, columns]) { result in
        MatrixProduct.multiply(
          .init(pointer: left.pointer, stride: depth),
          .init(pointer: right.pointer, stride: depth, isTransposed: true), into: result,
          rows: rows, columns: columns, depth: depth)
      }
      best = min(best, ContinuousClock.now - begun)
    } while ContinuousClock.now - start < .seconds(seconds)
    let time = Double(best.components.attoseconds) * 1e-18 + Double(best.components.seconds)
    return 2 * Double(rows) * Double(depth) * Double(columns) / time / 1e9
  }
}
