/// A tensor of weights that training changes.
///
/// It is a reference, so that the optimizer's change is seen by the encoder that holds it. Nobody
/// may change it while a tape that has read it has not gone back yet.
public final class Parameter: @unchecked Sendable {
  /// The name under which the checkpoint stores it, such as
  /// `encoder.layer.0.attention.self.query.weight`.
  public let name: String
  /// Its place among the parameters of its model: the key of its gradient.
  public let index: Int
  /// The weights.
  public var value: Tensor { didSet { changeCount += 1 } }
  /// How often the weights have been changed: what was derived from them is stale if this moved.
  private(set) var changeCount = 0

  /// Creates a parameter.
  ///
  /// - Parameters:
  ///   - name: The checkpoint's name for it.
  ///   - index: Its place among the parameters of its model.
  ///   - value: The weights.
  public init(name: String, index: Int, value: Tensor) {
    self.name = name
    self.index = index
    self.value = value
  }

  /// The extents of the weights.
  public var shape: [Int] { value.shape }
}
