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
    let kernel = LayerNormKernel(
      width: width, element: precision, dropout: h == nil ? nil : dropout, packing: packing)
    var reciprocals = Tensor([rows]) { _ in }
    let reciprocal = reciprocals.mutablePointer()
    var result: Tensor?
    let normalized = Tensor([rows, width], element: precision) { xHat in
      result = Tensor([rows, width], element: precision) { y in
        let (scale, offset) = (weight.value.pointer, bias.value.pointer)
        WorkerPool.forEachBlock(of: rows, size: tokenBlock) { block in
          kernel.forward(
            block, x: x.value.rawPointer, h: h?.value.rawPointer, weight: scale, bias: offset,
            epsilon: epsilon, normalized: xHat, y: y, reciprocals: reciprocal)
        }
      }
    }
    guard let result else { preconditionFailure("layerNorm: no result") }
    guard isRecording else { return Variable(constant: result) }
    let (xID, hID) = (x.id, h?.id)
    let gradientElement = PackedProduct.Kind(for: precision).gradientElement
    let kept = KeptValue.affine(normalized: normalized, weight: weight, bias: bias)
    return record(result, kept: kept) { [normalized, reciprocals] gradient, pass in
      // The gradient of y becomes that of v in place; h's is another where it is masked or rounded.
      var dv = consume gradient
      if dv.element != .fp32 { dv = dv.expanded() }
      let target = dv.mutablePointer()
      let (scale, reciprocal) = (weight.value.pointer, reciprocals.pointer)
      var sums: Tensor?
      let hasOwn = hID != nil && (dropout != nil || gradientElement != .fp32)
      let dh = Tensor([hasOwn ? rows : 0, width], element: gradientElement) { dh in
        sums = columnSums(rows: rows, width: 2 * width) { block, sum in
          kernel.backward(
            block, normalized: normalized.rawPointer, reciprocals: reciprocal, weight: scale,
            gradient: target, sums: sum, into: hasOwn ? dh : nil, gradientElement)
        }
      }
      guard let sums else { preconditionFailure("layerNorm: no sums") }
      pass.parameters.add(sums.elements(0..<width), to: weight)
      pass.parameters.add(sums.elements(width..<2 * width), to: bias)
      pass.add(hasOwn ? dh : dv, to: hID)
      pass.add(dv, to: xID)
    }
  }
}

extension KeptValue {
  /// The value.
  func tensor() -> Tensor {
    switch self {
    case .tensor(let tensor): return tensor
    case .affine(let normalized, let weight, let bias):
      let (width, element) = (normalized.width, normalized.element)
      let (scale, offset) = (weight.value.pointer, bias.value.pointer)
      return Tensor(normalized.shape, as: element) { writer in
        WorkerPool.forEachBlock(of: normalized.rowCount, size: tokenBlock) { block in
          let range = block.lowerBound * width..<block.upperBound * width
          normalized.withFloats(range) { xHat in
            writer.write(range) { y in
              for row in 0..<block.count {
                kt_affine(width, scale, offset, xHat + row * width, y + row * width)
              }
            }
          }
        }
      }
    }
  }
}

/// Layer normalisation of some rows, and its derivative.
private struct LayerNormKernel {
  let width: Int
  let element: ElementType
  let dropout: Dropout?
  let packing: Packing

  func forward(
    _ block: Range<Int>, x: UnsafeRawPointer, h: UnsafeRawPointer?,
    weight: UnsafePointer<Float>, bias: UnsafePointer<Float>, epsilon: Float,
    normalized: UnsafeMutableRawPointer, y: UnsafeMutableRawPointer,
    reciprocals: UnsafeMutablePointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 4 * width) { scratch in
      guard let buffer = scratch.baseAddress else { return }
      packing.forEachToken(in: block) { token, rowKey, position in
        let at = token * width * element.size
        var added = h.map { element.read($0 + at, count: width, buffer + width) }
        if let dropout, let values = added {
          dropout.apply(
            rowKey: rowKey, position: position, count: width, to: values, into: buffer + width)
          added = UnsafePointer(buffer + width)
        }
        let isWide = element == .fp32
        let xHat =
          isWide ? (normalized + at).assumingMemoryBound(to: Float.self) : buffer + 2 * width
        let result = isWide ? (y + at).assumingMemoryBound(to: Float.self) : buffer + 3 * width
        reciprocals[token] = kt_layernorm(
          width, element.read(x + at, count: width, buffer), added, weight, bias, epsilon, xHat,
          result)
        guard !isWide else { return }
        element.write(xHat, count: width, to: normalized + at)
        element.write(result, count: width, to: y + at)
      }
    }
  }

  func backward(
    _ block: Range<Int>, normalized: UnsafeRawPointer, reciprocals: UnsafePointer<Float>,
    weight: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>,
    sums: UnsafeMutablePointer<Float>, into dh: UnsafeMutableRawPointer?,
    _ gradientElement: ElementType
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * width) { scratch in
      guard let buffer = scratch.baseAddress else { return }
      let masked = buffer + width
      packing.forEachToken(in: block) { token, rowKey, position in
        let dv = gradient + token * width
        kt_layernorm_backward(
          width, element.read(normalized + token * width * element.size, count: width, buffer),
          reciprocals[token], weight, dv, sums, sums + width)
        guard let dh else { return }
        let target = dh + token * width * gradientElement.size
        guard let dropout else { return gradientElement.write(dv, count: width, to: target) }
        dropout.apply(rowKey: rowKey, position: position, count: width, to: dv, into: masked)
        gradientElement.write(masked, count: width, to: target)
      }
    }
  }
}
