internal import CKernels

extension Tape {
  /// Layer normalisation of a sum (Ba et al., 2016), as it stands behind each half of a
  /// post-LayerNorm transformer layer.
  ///
  ///     v = x + dropout(h)
  ///     y = (v - mean(v)) / √(variance(v) + ε) ∘ weight + bias        per row, biased variance
  ///
  /// - Parameters:
  ///   - x: The residual, `[tokens, width]`.
  ///   - h: What is added to it, of the same shape; nil for `v = x`.
  ///   - weight: `[width]`.
  ///   - bias: `[width]`.
  ///   - epsilon: Added to the variance.
  ///   - dropout: The dropout of `h`; nil for none.
  ///   - packing: Which sequence and position each token has.
  /// - Returns: `[tokens, width]`.
  ///
  /// Derivative, with x̂ the normalised row, r = 1/√(variance + ε) and u = g ∘ weight:
  ///
  ///     ∂weight = Σ g ∘ x̂      ∂bias = Σ g
  ///     ∂v = r · (u - mean(u) - x̂ · mean(u ∘ x̂))      ∂x = ∂v      ∂h = mask ∘ ∂v
  public func layerNorm(
    _ x: Variable, adding h: Variable? = nil, weight: Parameter, bias: Parameter, epsilon: Float,
    dropout: Dropout? = nil, packing: Packing
  ) -> Variable {
    let (rows, width) = (x.value.rowCount, x.value.width)
    precondition(
      weight.shape == [width] && bias.shape == [width]
        && h?.value.shape ?? x.value.shape == x.value.shape
        && rows == packing.tokenCount,
      "layerNorm: input \(x.value.shape), weight \(weight.shape), \(packing.tokenCount) tokens")
    var reciprocals = Tensor([rows]) { _ in }
    let reciprocal = reciprocals.mutablePointer()
    var result: Tensor?
    let normalized = Tensor([rows, width], as: precision) { xHatWriter in
      result = Tensor([rows, width], as: precision) { yWriter in
        let (scale, offset) = (weight.value.pointer, bias.value.pointer)
        WorkerPool.forEachBlock(of: rows, size: tokenBlock) { block in
          let range = block.lowerBound * width..<block.upperBound * width
          withOperands(x.value, h?.value, range) { source, added in
            xHatWriter.write(range) { xHat in
              yWriter.write(range) { y in
                withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { mask in
                  packing.forEachToken(in: block) { token, rowKey, position in
                    dropout?.writeMask(
                      rowKey: rowKey, position: position, count: width, to: mask.baseAddress!)
                    let start = (token - block.lowerBound) * width
                    reciprocal[token] = kt_layernorm(
                      width, source + start, added.map { $0 + start },
                      dropout == nil ? nil : mask.baseAddress, scale, offset, epsilon,
                      xHat + start, y + start)
                  }
                }
              }
            }
          }
        }
      }
    }
    guard let result else { preconditionFailure("layerNorm: no result") }
    guard isRecording else { return Variable(constant: result) }
    let (xID, hID) = (x.id, h?.id)
    return record(result) { [normalized, reciprocals] gradient, pass in
      let (dv, sums) = layerNormBackward(
        gradient, normalized: normalized, reciprocals: reciprocals, weight: weight.value)
      pass.parameters.add(sums.weight, to: weight)
      pass.parameters.add(sums.bias, to: bias)
      pass.add(hID == nil ? dv : dropout?.applied(to: dv, packing: packing) ?? dv, to: hID)
      pass.add(dv, to: xID)
    }
  }
}

/// ∂v from the gradient of the result, and the sums that are the gradients of weight and bias.
private func layerNormBackward(
  _ gradient: consuming Tensor, normalized: Tensor, reciprocals: Tensor, weight: Tensor
) -> (Tensor, (weight: Tensor, bias: Tensor)) {
  let width = gradient.width
  let reciprocal = reciprocals.pointer
  let rows = gradient.rowCount
  let dv = gradient.mutablePointer()
  let scale = weight.pointer
  let sums = columnSums(rows: rows, width: 2 * width) { row, sum in
    normalized.withFloats(row * width..<(row + 1) * width) { xHat in
      kt_layernorm_backward(
        width, xHat, reciprocal[row], scale, dv + row * width, sum, sum + width)
    }
  }
  let parts = sums.reshaped([2, width])
  return (gradient, (parts.row(0), parts.row(1)))
}

extension Tensor {
  /// One row, `[width]`, copied.
  ///
  /// - Parameter index: Which row of `width` elements.
  /// - Returns: The row.
  package func row(_ index: Int) -> Tensor {
    precondition(index < rowCount, "row \(index) of \(shape)")
    return Tensor([width]) { $0.update(from: pointer + index * width, count: width) }
  }
}

/// Calls `body` with the same elements of one tensor, and of another if there is one, as `Float`.
private func withOperands(
  _ x: Tensor, _ h: Tensor?, _ range: Range<Int>,
  _ body: (UnsafePointer<Float>, UnsafePointer<Float>?) -> Void
) {
  x.withFloats(range) { x in
    guard let h else { return body(x, nil) }
    h.withFloats(range) { body(x, $0) }
  }
}
