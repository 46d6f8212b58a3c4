internal import CKernels

extension Tape {
  /// The linear layer.
  ///
  ///     y = f(x) · Wᵀ + b        f = identity or GELU
  ///
  /// With `.gelu` the activation belongs to the layer's input: its output `f(x)`, four times as wide
  /// as the model in a transformer's feed-forward part, is computed again on the way back instead
  /// of being kept.
  ///
  /// - Parameters:
  ///   - x: `[rows, inputs]`.
  ///   - weight: `[outputs, inputs]`.
  ///   - bias: `[outputs]`.
  ///   - activation: What the input goes through first.
  /// - Returns: `[rows, outputs]`.
  ///
  /// Derivative, for the gradient g of y:
  ///
  ///     ∂W = gᵀ · f(x)      ∂b = Σ_rows g      ∂x = f′(x) ∘ (g · W)
  public func linear(
    _ x: Variable, weight: Parameter, bias: Parameter, activation: Activation = .identity
  ) -> Variable {
    let (rows, inputs) = (x.value.rowCount, x.value.width)
    let outputs = weight.shape[0]
    precondition(
      weight.shape == [outputs, inputs] && bias.shape == [outputs],
      "linear: input \(x.value.shape), weight \(weight.shape), bias \(bias.shape)")
    if precision != .fp32 {
      return halfLinear(x, weight: weight, bias: bias, activation: activation)
    }
    let input = activation.apply(to: x.value)
    let result = Tensor([rows, outputs]) { y in
      let offset = bias.value.pointer
      MatrixProduct.multiply(
        .init(pointer: input.pointer, stride: inputs),
        .init(pointer: weight.value.pointer, stride: inputs, isTransposed: true),
        into: y, rows: rows, columns: outputs, depth: inputs
      ) { block in
        for row in block { kt_add(outputs, offset, y + row * outputs) }
      }
    }
    let xID = x.id
    return record(result) { [x = x.value] gradient, pass in
      let input = activation.apply(to: x)
      pass.parameters.addProduct(gradient, input, to: weight)
      pass.parameters.addColumnSums(of: gradient, to: bias)
      guard xID != nil else { return }
      let back = Tensor([rows, inputs]) { dx in
        let source = x.pointer
        MatrixProduct.multiply(
          .init(pointer: gradient.pointer, stride: outputs),
          .init(pointer: weight.value.pointer, stride: inputs),
          into: dx, rows: rows, columns: inputs, depth: outputs
        ) { block in
          guard activation == .gelu else { return }
          let start = block.lowerBound * inputs
          kt_gelu_backward(block.count * inputs, source + start, dx + start)
        }
      }
      pass.add(back, to: xID)
    }
  }
}

/// A function applied to each element.
public enum Activation: Hashable, Sendable {
  /// x
  case identity
  /// The exact GELU, x · Φ(x) with the normal distribution's Φ: what Hugging Face calls `gelu`
  /// (`gelu_new` is the approximation by tanh).
  case gelu

  /// The function of every element; the tensor itself for `.identity`.
  func apply(to x: Tensor) -> Tensor {
    switch self {
    case .identity: return x
    case .gelu:
      return Tensor(x.shape, as: x.element) { writer in
        WorkerPool.forEachBlock(of: x.count, size: elementwiseBlock) { block in
          x.withFloats(block) { source in
            writer.write(block) { kt_gelu(block.count, source, $0) }
          }
        }
      }
    }
  }
}

extension Gradients {
  /// Adds gᵀ · x to the gradient of a weight `[outputs, inputs]`.
  func addProduct(_ g: Tensor, _ x: Tensor, to weight: Parameter) {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    accumulate(weight) { sum, beta in
      MatrixProduct.multiply(
        .init(pointer: g.pointer, stride: outputs, isTransposed: true),
        .init(pointer: x.pointer, stride: inputs),
        into: sum, rows: outputs, columns: inputs, depth: g.rowCount, beta: beta, blockRows: 192)
    }
  }

  /// Adds the sum of the rows of `g` to the gradient of a parameter `[width]`.
  func addColumnSums(of g: Tensor, to parameter: Parameter) {
    let width = g.width
    let sums = columnSums(rows: g.rowCount, width: width) { row, sum in
      kt_add(width, g.pointer + row * width, sum)
    }
    add(sums, to: parameter)
  }
}

/// Sums a vector over rows: in blocks of rows on all threads, then the blocks in order.
///
/// - Parameters:
///   - rows: How many rows there are.
///   - width: How many elements the vector has.
///   - body: Adds what a row contributes.
/// - Returns: `[width]`.
func columnSums(
  rows: Int, width: Int, _ body: (_ row: Int, _ sum: UnsafeMutablePointer<Float>) -> Void
) -> Tensor {
  let blockRows = 256
  let blocks = max(1, (rows + blockRows - 1) / blockRows)
  var partial = Tensor(repeating: 0, shape: [blocks, width])
  let sums = partial.mutablePointer()
  WorkerPool.forEachBlock(of: rows, size: blockRows) { block in
    let sum = sums + block.lowerBound / blockRows * width
    for row in block { body(row, sum) }
  }
  for block in 1..<max(blocks, 1) { kt_add(width, sums + block * width, sums) }
  return Tensor([width]) { $0.update(from: sums, count: width) }
}
