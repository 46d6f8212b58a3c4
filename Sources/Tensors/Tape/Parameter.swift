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
  ///
  /// To change them where they lie, use ``change(_:)``: a change through this property copies them.
  public var value: Tensor {
    get { weights }
    set {
      weights = newValue
      changeCount += 1
    }
  }
  private var weights: Tensor
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
    weights = value
  }

  /// Lets `body` change the weights, in place unless a tensor shares them.
  ///
  /// - Parameter body: Gets the first of the weights; it must not keep the pointer.
  public func change(_ body: (UnsafeMutablePointer<Float>) throws -> Void) rethrows {
    try body(mutablePointer())
  }

  /// The first of the weights, for whoever writes all of them in more than one call; valid until
  /// ``value`` is set.
  package func mutablePointer() -> UnsafeMutablePointer<Float> {
    changeCount += 1
    return weights.mutablePointer()
  }

  /// The extents of the weights.
  public var shape: [Int] { weights.shape }
}
