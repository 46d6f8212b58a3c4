import TestSupport
import Tensors
import Testing

/// The plain form of an op, in double: operands in, result out.
typealias Reference = ([[Double]]) -> [Double]

/// Expects an op to equal its plain form in double, and its derivative with respect to each operand
/// the central differences of that form.
///
/// - Parameters:
///   - leaves: Operands that are tensors.
///   - parameters: Operands that are parameters; they follow the leaves in what `reference` gets.
///   - reference: The plain form.
///   - sourceLocation: Where the expectation stands.
///   - op: The op under test.
func expectDerivative(
  leaves: [Tensor], parameters: [Tensor] = [], reference: @escaping Reference,
  sourceLocation: SourceLocation = #_sourceLocation,
  op: (Tape, [Variable], [Parameter]) -> Variable
) {
  let tape = Tape(isRecording: true)
  let variables = leaves.map(tape.leaf)
  let weights = parameters.enumerated().map {
    Parameter(name: "p\($0.offset)", index: $0.offset, value: $0.element)
  }
  let result = op(tape, variables, weights)
  var operands = (leaves + parameters).map { $0.elements.map(Double.init) }
  expectClose(
    result.value.elements, reference(operands), relative: 1e-5, absolute: 2e-6, "result",
    sourceLocation: sourceLocation)

  let cotangent = Tensor(random: result.value.shape, seed: 99)
  let gradients = Gradients()
  let leafGradients = tape.backward(
    from: result, gradient: cotangent, into: gradients, wanting: variables)
  let actual = leafGradients + weights.map { gradients.full($0) }
  let objective = { (operands: [[Double]]) in
    zip(cotangent.elements, reference(operands)).reduce(0.0) { $0 + Double($1.0) * $1.1 }
  }
  for index in operands.indices {
    let differences = operands[index].indices.map { element -> Double in
      let value = operands[index][element]
      let step = 1e-6 * max(1, abs(value))
      operands[index][element] = value + step
      let above = objective(operands)
      operands[index][element] = value - step
      let below = objective(operands)
      operands[index][element] = value
      return (above - below) / (2 * step)
    }
    expectClose(
      actual[index]?.elements ?? [], differences, relative: 2e-4, absolute: 2e-5,
      "derivative by operand \(index)", sourceLocation: sourceLocation)
  }
}

extension Tensor {
  /// Numbers of about a normal distribution that depend on the seed alone.
  init(random shape: [Int], seed: UInt64, scale: Float = 1) {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    self.init(
      (0..<shape.reduce(1, *)).map { _ in
        var sum: Float = -6
        for _ in 0..<12 {
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          sum += Float(state >> 40) / 16_777_216
        }
        return sum * scale
      }, shape: shape)
  }
}
