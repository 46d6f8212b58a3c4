internal import CKernels
internal import Tensors

/// How alike the two embeddings of a pair are.
public enum PairwiseSimilarity: String, CaseIterable, Hashable, Sendable {
  /// The inner product.
  case dot = "pairwise_dot_score"
  /// The cosine of the angle between them.
  case cosine = "pairwise_cos_sim"
  /// The distance between them, negative.
  case euclidean = "pairwise_euclidean_sim"
  /// The sum of the differences of their elements, negative.
  case manhattan = "pairwise_manhattan_sim"
}

extension PairwiseSimilarity {
  /// The similarity of two embeddings; those of `cosine` have length 1.
  ///
  /// - Parameters:
  ///   - x: One, `[width]`.
  ///   - y: The other.
  ///   - width: How many elements they have.
  /// - Returns: The similarity.
  func value(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, width: Int
  ) -> Float {
    var sum: Float = 0
    switch self {
    case .dot, .cosine: return kt_dot(width, x, y)
    case .euclidean:
      for element in 0..<width {
        let difference = x[element] - y[element]
        sum += difference * difference
      }
      return -sum.squareRoot()
    case .manhattan:
      for element in 0..<width { sum += abs(x[element] - y[element]) }
      return -sum
    }
  }

  /// Adds the gradient of both embeddings, given that of their similarity.
  ///
  /// Two equal embeddings have no gradient of their distance, as in PyTorch.
  ///
  /// - Parameters:
  ///   - gradient: That of the similarity.
  ///   - value: The similarity.
  ///   - x: One embedding, `[width]`.
  ///   - y: The other.
  ///   - dx: What the gradient of `x` is added to.
  ///   - dy: What that of `y` is added to.
  ///   - width: How many elements they have.
  func addGradients(
    _ gradient: Float, value: Float, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>,
    to dx: UnsafeMutablePointer<Float>, _ dy: UnsafeMutablePointer<Float>, width: Int
  ) {
    switch self {
    case .dot, .cosine:
      for element in 0..<width {
        dx[element] += gradient * y[element]
        dy[element] += gradient * x[element]
      }
    case .euclidean:
      guard value != 0 else { return }
      for element in 0..<width {
        let slope = gradient * (x[element] - y[element]) / value
        dx[element] += slope
        dy[element] -= slope
      }
    case .manhattan:
      for element in 0..<width {
        let difference = x[element] - y[element]
        let slope = difference == 0 ? 0 : difference > 0 ? -gradient : gradient
        dx[element] += slope
        dy[element] -= slope
      }
    }
  }
}
