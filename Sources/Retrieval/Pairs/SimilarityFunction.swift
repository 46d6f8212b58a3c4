public import Tensors

/// How alike two embeddings are, larger for more alike; the functions of sentence-transformers'
/// class of the same name.
public enum SimilarityFunction: String, CaseIterable, Hashable, Sendable {
  /// The cosine of the angle between them; 0 if one of them is 0.
  case cosine
  /// The inner product.
  case dot
  /// Their Euclidean distance, negated.
  case euclidean
  /// The sum of the absolute differences of their elements, negated.
  case manhattan

  /// By which function a report is judged: the main one, else the only one, else the best, `max`.
  static func deciding(_ main: Self?, of functions: [Self]) -> String {
    (main ?? (functions.count == 1 ? functions[0] : nil))?.rawValue ?? "max"
  }

  /// The similarity of each row of a matrix with the same row of another.
  ///
  /// Computed in double: the same pair of vectors has the same similarity wherever it stands, and
  /// either way around.
  ///
  /// - Parameters:
  ///   - left: `[rows, width]`.
  ///   - right: The same shape.
  /// - Returns: A number for each row.
  public func ofRows(_ left: Tensor, _ right: Tensor) -> [Double] {
    precondition(
      left.shape == right.shape && left.shape.count == 2,
      "SimilarityFunction: rows of shapes \(left.shape) and \(right.shape)")
    let width = left.width
    return left.withElements { left in
      right.withElements { right in
        (0..<(width == 0 ? 0 : left.count / width)).map { row in
          let range = row * width..<(row + 1) * width
          return self.of(left[range], right[range])
        }
      }
    }
  }

  private func of(
    _ left: Slice<UnsafeBufferPointer<Float>>, _ right: Slice<UnsafeBufferPointer<Float>>
  ) -> Double {
    func sum(_ term: (Double, Double) -> Double) -> Double {
      zip(left, right).reduce(0) { $0 + term(Double($1.0), Double($1.1)) }
    }
    switch self {
    case .cosine:
      // ε as in torch's `normalize`.
      let lengths = (
        max(sum { one, _ in one * one }.squareRoot(), 1e-12),
        max(sum { _, other in other * other }.squareRoot(), 1e-12)
      )
      return sum { ($0 / lengths.0) * ($1 / lengths.1) }
    case .dot: return sum { $0 * $1 }
    case .euclidean: return -sum { ($0 - $1) * ($0 - $1) }.squareRoot()
    case .manhattan: return -sum { abs($0 - $1) }
    }
  }
}
