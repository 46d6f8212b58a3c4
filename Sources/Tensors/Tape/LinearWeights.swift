/// The weights and biases of one linear layer, or of several that read the same input: their outputs
/// then lie side by side, and one product computes them all.
///
/// Each stays a parameter of its own, under the checkpoint's name.
public final class LinearWeights: @unchecked Sendable {
  /// The weights `[outputs, inputs]`, one below the other.
  public let weights: [Parameter]
  /// The biases `[outputs]`, likewise.
  public let biases: [Parameter]
  /// How many numbers go in.
  public let inputs: Int
  /// How many numbers come out.
  public let outputs: Int

  /// What was made of the parameters, and of which state of them.
  private var states: [Int] = []
  private var packed: [Packing: PackedMatrix] = [:]
  private var stackedBias: Tensor?

  private struct Packing: Hashable {
    let form: PackedProduct.Form
    let isTransposed: Bool
  }

  /// Puts linear layers side by side.
  ///
  /// - Parameter layers: Weight `[outputs, inputs]` and bias `[outputs]` of each; inputs are equal.
  public init(_ layers: [(weight: Parameter, bias: Parameter)]) {
    weights = layers.map(\.weight)
    biases = layers.map(\.bias)
    inputs = layers[0].weight.shape[1]
    outputs = layers.reduce(0) { $0 + $1.weight.shape[0] }
    for (weight, bias) in layers {
      precondition(
        weight.shape == [bias.shape[0], inputs] && bias.shape.count == 1,
        "LinearWeights: weight \(weight.shape), bias \(bias.shape), \(inputs) inputs")
    }
  }

  /// The stacked weights, or their transpose, as the right operand of products.
  ///
  /// Packing fp32 costs less than a percent of a product of a thousand rows, and keeping it doubles
  /// the memory of the weights: it pays for a model that encodes a few texts at a time, not for one
  /// that is trained. 16-bit forms are half as large and cost a rounding, too.
  ///
  /// - Parameters:
  ///   - form: How the products are computed.
  ///   - isTransposed: Whether the transpose is wanted.
  ///   - isReused: Whether the same is asked for again before a weight changes: then the result is
  ///     kept until one does, and in a form of 16 bits always.
  /// - Returns: The operand.
  func packed(_ form: PackedProduct.Form, isTransposed: Bool, isReused: Bool) -> PackedMatrix {
    forgetIfChanged()
    guard isReused || form.packedSize == 2 else { return pack(form, isTransposed: isTransposed) }
    let packing = Packing(form: form, isTransposed: isTransposed)
    if let known = packed[packing] { return known }
    let matrix = pack(form, isTransposed: isTransposed)
    packed[packing] = matrix
    return matrix
  }

  private func pack(_ form: PackedProduct.Form, isTransposed: Bool) -> PackedMatrix {
    let stacked = weights.count == 1 ? weights[0].value : Tensor(stacking: weights.map(\.value))
    return withExtendedLifetime(stacked) {
      PackedMatrix(
        stacked.operand(isTransposed: isTransposed), columns: isTransposed ? outputs : inputs,
        depth: isTransposed ? inputs : outputs, form: form)
    }
  }

  /// The stacked biases, `[outputs]`.
  var bias: Tensor {
    // Not kept: a parameter whose tensor is shared is copied when it changes.
    if biases.count == 1 { return biases[0].value }
    forgetIfChanged()
    if let stackedBias { return stackedBias }
    let stacked = Tensor(biases.flatMap(\.value.elements), shape: [outputs])
    stackedBias = stacked
    return stacked
  }

  private func forgetIfChanged() {
    let now = weights.map(\.changeCount) + biases.map(\.changeCount)
    guard now != states else { return }
    states = now
    packed = [:]
    stackedBias = nil
  }
}
