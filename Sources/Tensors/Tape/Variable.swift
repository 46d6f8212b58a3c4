/// A tensor that took part in a recorded computation.
public struct Variable: Sendable {
  /// The tensor.
  public let value: Tensor
  /// Its number on its tape; nil for a constant, which no gradient is carried to.
  let id: Int?
  /// What an op keeps that needs the value on the way back.
  let kept: KeptValue

  /// A constant: a tensor that no gradient is wanted of.
  ///
  /// - Parameter value: The tensor.
  public init(constant value: Tensor) {
    self.init(value: value, id: nil)
  }

  init(value: Tensor, id: Int?, kept: KeptValue? = nil) {
    self.value = value
    self.id = id
    self.kept = kept ?? .tensor(value)
  }
}

/// A value on the way back: the tensor itself, or what it can be made of again at little cost and is
/// kept anyway.
///
/// The result of a layer normalisation is a scaled and shifted copy of what its own derivative
/// keeps: two widths of twelve for each token and layer that need not be stored.
enum KeptValue: Sendable {
  /// The tensor.
  case tensor(Tensor)
  /// normalized ∘ weight + bias, as long as neither parameter changes: until the tape is empty.
  case affine(normalized: Tensor, weight: Parameter, bias: Parameter)
}
