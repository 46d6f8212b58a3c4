internal import CKernels

extension Tape {
  /// The linear layer.
  ///
  ///     y = f(x) · Wᵀ + b        f = identity or GELU
  ///
  /// With `.gelu` the activation belongs to the layer's input: its output `f(x)`, four times as wide
  /// as the model in a transformer's feed-forward part, exists only a block at a time, and is
  /// computed again on the way back.
  ///
  /// Under mixed precision numbers are rounded to 16 bits where they enter a product of bf16; sums
  /// are fp32, and y is rounded once, the bias included.
  ///
  /// - Parameters:
  ///   - x: `[rows, inputs]`.
  ///   - layer: W, `[outputs, inputs]`, and b, `[outputs]`.
  ///   - activation: What the input goes through first.
  /// - Returns: `[rows, outputs]`.
  ///
  /// Derivative, for the gradient g of y:
  ///
  ///     ∂W = gᵀ · f(x)      ∂b = Σ_rows g      ∂x = f′(x) ∘ (g · W)
  public func linear(
    _ x: Variable, _ layer: LinearWeights, activation: Activation = .identity
  ) -> Variable {
    let (rows, inputs, outputs) = (x.value.rowCount, layer.inputs, layer.outputs)
    precondition(x.value.width == inputs, "linear: input \(x.value.shape), \(inputs) inputs")
    let form = PackedProduct.Form.best(for: precision)
    let result = Tensor([rows, outputs], element: precision) { y in
      PackedProduct.multiply(
        x.value.operand(activation: activation),
        layer.packed(form, isTransposed: true, isReused: !isRecording && rows < 1024),
        into: .init(pointer: y, element: precision, stride: outputs), rows: rows,
        adding: .row(layer.bias.pointer))
    }
    let xID = x.id
    return record(result) { [x = x.kept] gradient, pass in
      let x = x.tensor()
      let weights = layer.packed(form, isTransposed: false, isReused: false)
      switch activation {
      case .identity:
        pass.parameters.addProduct(gradient, x, to: layer, form)
        pass.accumulate([rows, inputs], to: xID) { dx, addend in
          PackedProduct.multiply(
            gradient.operand(), weights, into: .init(pointer: dx, element: .fp32, stride: inputs),
            rows: rows, adding: addend)
        }
      case .gelu:
        let (input, back) = geluBackward(
          gradient.operand(), weights, x: x, gradientElement: form.kind.gradientElement)
        pass.parameters.addProduct(gradient, input, to: layer, form)
        pass.add(back, to: xID)
      }
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
}

/// f(x) for the gradient of the weight and f′(x) ∘ (g · W), a block at a time: the two functions
/// share their exponential, and g · W is rounded only once.
private func geluBackward(
  _ gradient: PackedProduct.Operand, _ weights: PackedMatrix, x: Tensor,
  gradientElement: ElementType
) -> (input: Tensor, gradient: Tensor) {
  let (rows, inputs) = (x.rowCount, x.width)
  var back: Tensor?
  let input = Tensor([rows, inputs], element: x.element) { fx in
    back = Tensor([rows, inputs], element: gradientElement) { dx in
      PackedProduct.forEachPiece(rows: rows, columns: inputs, weights.form) { block, columns in
        let width = columns.count
        withScratch(floats: block.count * width) { product in
          PackedProduct.multiply(
            gradient, weights,
            into: kt_target(data: product, stride: width, element: kt_fp32), rows: block,
            columns: columns,
            adding: kt_addend(data: nil, stride: 0, element: kt_fp32, factor: 0))
          for row in block {
            let at = row * inputs + columns.lowerBound
            kt_gelu_gradient(
              width, product + (row - block.lowerBound) * width,
              x.rawPointer + at * x.element.size, fx + at * x.element.size,
              x.element.kernelType, dx + at * gradientElement.size, gradientElement.kernelType)
          }
        }
      }
    }
  }
  guard let back else { preconditionFailure("linear: no gradient") }
  return (input, back)
}

extension Tensor {
  /// The whole tensor as an operand of products.
  func operand(
    isTransposed: Bool = false, activation: Activation = .identity
  ) -> PackedProduct.Operand {
    .init(
      pointer: rawPointer, element: element, stride: width, isTransposed: isTransposed,
      activation: activation)
  }
}

extension Gradients {
  /// Adds gᵀ · x to the gradients of weights, and the sum of the rows of g to those of biases.
  fileprivate func addProduct(
    _ g: Tensor, _ x: Tensor, to layer: LinearWeights, _ form: PackedProduct.Form
  ) {
    let sums = Tensor([g.width]) { sums in
      accumulate(layer.weights) { results in
        PackedProduct.multiply(
          g.operand(isTransposed: true), x.operand(),
          into: zip(layer.weights, results).map { weight, result in
            .init(
              target: .init(pointer: result.sum, element: .fp32, stride: layer.inputs),
              count: weight.shape[0], adding: .init(beta: result.beta))
          }, columns: layer.inputs, depth: g.rowCount, leftSums: sums, form: form)
      }
    }
    var first = 0
    for bias in layer.biases {
      add(sums.elements(first..<first + bias.shape[0]), to: bias)
      first += bias.shape[0]
    }
  }
}
