internal import CKernels

extension Tape {
  /// ``linear(_:weight:bias:activation:)`` on activations of 16 bits.
  ///
  /// Weights, and under bf16 gradients too, are rounded to 16 bits where they enter a product;
  /// sums are fp32, and y is rounded once, the bias included. The weights are packed once for all
  /// mini-batches until they change. Gradients of activations are fp32 between the ops.
  func halfLinear(
    _ x: Variable, weight: Parameter, bias: Parameter, activation: Activation
  ) -> Variable {
    let (rows, inputs) = (x.value.rowCount, x.value.width)
    let outputs = weight.shape[0]
    let form = HalfProduct.Form.best(for: precision)
    let (precision, size) = (precision, precision.size)
    let input = activation.apply(to: x.value)
    let offsets = bias.value.rounded(to: precision)
    let result = Tensor([rows, outputs], element: precision) { y in
      HalfProduct.multiply(
        input.operand, weight.packed(form, isTransposed: true),
        into: .init(pointer: y, element: precision, stride: outputs), rows: rows, beta: 1,
        prepare: { block, columns in
          // The bias goes in first: so it takes part in the sum before that is rounded.
          for row in block {
            (y + (row * outputs + columns.lowerBound) * size).copyMemory(
              from: offsets.rawPointer + columns.lowerBound * size, byteCount: columns.count * size)
          }
        })
    }
    let xID = x.id
    return record(result) { [x = x.value] gradient, pass in
      let input = activation.apply(to: x)
      pass.parameters.addHalfProduct(gradient, input, to: weight, form)
      pass.parameters.addColumnSums(of: gradient, to: bias)
      guard xID != nil else { return }
      let back = Tensor([rows, inputs]) { dx in
        HalfProduct.multiply(
          gradient.operand, weight.packed(form, isTransposed: false),
          into: .init(pointer: dx, element: .fp32, stride: inputs), rows: rows,
          finish: { block, columns in
            guard activation == .gelu else { return }
            for row in block {
              let start = row * inputs + columns.lowerBound
              x.withFloats(start..<start + columns.count) {
                kt_gelu_backward(columns.count, $0, dx + start)
              }
            }
          })
      }
      pass.add(back, to: xID)
    }
  }
}

extension Tensor {
  /// The whole tensor as an operand of products of 16-bit numbers.
  fileprivate var operand: HalfProduct.Operand {
    .init(pointer: rawPointer, element: element, stride: width)
  }
}

extension Gradients {
  /// Adds gᵀ · x, a product of 16-bit numbers, to the gradient of a weight `[outputs, inputs]`.
  fileprivate func addHalfProduct(
    _ g: Tensor, _ x: Tensor, to weight: Parameter, _ form: HalfProduct.Form
  ) {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    accumulate(weight) { sum, beta in
      HalfProduct.multiply(
        .init(pointer: g.rawPointer, element: .fp32, stride: outputs, isTransposed: true),
        x.operand, into: .init(pointer: sum, element: .fp32, stride: inputs), rows: outputs,
        columns: inputs, depth: g.rowCount, beta: beta, form: form)
    }
  }
}
