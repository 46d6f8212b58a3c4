/// A tensor that took part in a recorded computation.
public struct Variable: Sendable {
  /// The tensor.
  public let value: Tensor
  /// Its number on its tape; nil for a constant, which no gradient is carried to.
  let id: Int?

  /// A constant: a tensor that no gradient is wanted of.
  ///
  /// - Parameter value: The tensor.
  public init(constant value: Tensor) {
    self.value = value
    id = nil
  }

  init(value: Tensor, id: Int?) {
    self.value = value
    self.id = id
  }
}
