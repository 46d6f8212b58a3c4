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
  public var value: Tensor { didSet { packed = [:] } }
  /// The weights as products of 16-bit numbers read them, from when one first asks until they change.
  private var packed: [Packing: PackedMatrix] = [:]

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

  private struct Packing: Hashable {
    let form: HalfProduct.Form
    let isTransposed: Bool
  }

  /// The weights `[rows, columns]`, or their transpose, as the right operand of products.
  func packed(_ form: HalfProduct.Form, isTransposed: Bool) -> PackedMatrix {
    let packing = Packing(form: form, isTransposed: isTransposed)
    if let known = packed[packing] { return known }
    let (rows, columns) = (shape[0], shape[1])
    let matrix = PackedMatrix(
      .init(
        pointer: UnsafeRawPointer(value.pointer), element: .fp32, stride: columns,
        isTransposed: isTransposed),
      columns: isTransposed ? rows : columns, depth: isTransposed ? columns : rows, form: form)
    packed[packing] = matrix
    return matrix
  }

  /// The extents of the weights.
  public var shape: [Int] { value.shape }
}
