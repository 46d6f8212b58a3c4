public import Tensors

/// Any loss at several dimensions, so that embeddings can be cut short and still be used.
///
///     loss = Σ_d weight_d · inner(x[..., :d] / ‖x[..., :d]‖)
///
/// with one sum over the dimensions; a guide's embeddings stay whole. What a dimension costs is what
/// the inner loss costs at it: texts are encoded once.
///
/// Value and gradient are those of sentence-transformers 6.2, of `MatryoshkaLoss` around a loss or
/// its cached form alike, checked by `MatryoshkaLossTests`.
///
/// Reference: Kusupati et al., 2022, <https://arxiv.org/abs/2205.13147>.
public struct MatryoshkaLoss: EmbeddingLoss {
  /// The loss at each dimension.
  public private(set) var loss: any EmbeddingLoss
  /// To how many elements embeddings are cut, the largest first.
  public let dimensions: [Int]
  /// What the loss at each dimension counts in the sum.
  public let weights: [Double]

  /// Creates the loss.
  ///
  /// - Parameters:
  ///   - loss: The loss at each dimension.
  ///   - dimensions: One or more, each at least 1 and at most the embeddings' width.
  ///   - weights: One finite number for each dimension; nil: 1.
  /// - Throws: ``LossError`` where sentence-transformers raises `ValueError`.
  public init(_ loss: any EmbeddingLoss, dimensions: [Int], weights: [Double]? = nil) throws {
    let weights = weights ?? dimensions.map { _ in 1 }
    guard !dimensions.isEmpty, dimensions.allSatisfy({ $0 > 0 }) else {
      throw LossError(
        .value, "matryoshka_dims", "\(dimensions) is not possible: give one or more numbers above 0"
      )
    }
    guard weights.count == dimensions.count else {
      throw LossError(
        .combination, "matryoshka_weights",
        "there are \(weights.count) for \(dimensions.count) dimensions: give one for each")
    }
    for weight in weights { try LossError.check(true, "matryoshka_weights", weight, "") }
    let sorted = zip(dimensions, weights).sorted { $0.0 > $1.0 }
    self.loss = loss
    (self.dimensions, self.weights) = (sorted.map(\.0), sorted.map(\.1))
  }

  private init(_ other: Self, places: [Int]) {
    loss = other.loss
    dimensions = places.map { other.dimensions[$0] }
    weights = places.map { other.weights[$0] }
  }

  /// The loss at some of the dimensions: what a step takes of them with `n_dims_per_step`.
  ///
  /// - Parameter places: Which, as indices into ``dimensions``, each once and at least one.
  /// - Returns: The loss.
  public func taking(_ places: [Int]) -> Self {
    precondition(
      !places.isEmpty && Set(places).count == places.count
        && places.allSatisfy(dimensions.indices.contains),
      "MatryoshkaLoss: \(places) of \(dimensions.count) dimensions")
    return Self(self, places: places.sorted())
  }

  /// Whether the inner loss needs one.
  public var needsGuide: Bool { loss.needsGuide }

  /// As many as the inner loss needs.
  public var fewestColumns: Int { loss.fewestColumns }

  /// As many as the inner loss takes; every dimension gets the same.
  public func labelCounts(columns: Int) -> [Int] { loss.labelCounts(columns: columns) }

  /// Those of the inner loss.
  public func negativesPerAnchor(columns: Int, rows: Int) -> Int {
    loss.negativesPerAnchor(columns: columns, rows: rows)
  }

  /// As many as the inner loss needs.
  public func smallestBatch(columns: Int) -> Int { loss.smallestBatch(columns: columns) }

  /// The same of the inner loss's part, if it has one.
  public func part(of rows: Range<Int>) -> (any EmbeddingLoss)? {
    guard let inner = loss.part(of: rows) else { return nil }
    var part = self
    part.loss = inner
    return part
  }

  /// The loss of a batch; see
  /// ``EmbeddingLoss/valueAndGradients(_:guide:labels:progress:)``.
  public func valueAndGradients(
    _ columns: [Tensor], guide: [Tensor], labels: Tensor?, progress: (Double) throws -> Void
  ) rethrows -> LossResult {
    checkColumns(columns, guide, labels)
    precondition(
      dimensions[0] <= columns[0].width,
      "MatryoshkaLoss: dimension \(dimensions[0]) of embeddings of \(columns[0].width)")
    var value = 0.0
    var gradients = columns.map { Tensor(repeating: 0, shape: $0.shape) }
    let all = Double(dimensions.reduce(0, +))
    var done = 0.0
    for (dimension, weight) in zip(dimensions, weights) {
      let part = Double(dimension) / all
      let units = columns.map { $0.truncated(to: dimension).normalizedRows() }
      let result = try loss.valueAndGradients(
        units.map(\.rows), guide: guide, labels: labels
      ) { try progress(done + part * $0) }
      done += part
      value += weight * result.value
      for (column, unit) in units.enumerated() {
        let gradient = result.gradients[column].normalizedRowsBackward(
          result: unit.rows, norms: unit.norms)
        gradients[column].addToFirstElements(gradient, times: Float(weight))
      }
    }
    return LossResult(value: value, gradients: gradients)
  }
}

extension Tensor {
  /// Adds a narrower matrix of as many rows to the first elements of every row.
  fileprivate mutating func addToFirstElements(_ other: Tensor, times factor: Float) {
    let (width, narrow, rows) = (width, other.width, rowCount)
    let (target, source) = (mutablePointer(), other.pointer)
    for row in 0..<rows {
      for element in 0..<narrow {
        target[row * width + element] += factor * source[row * narrow + element]
      }
    }
    withExtendedLifetime(other) {}
  }
}
