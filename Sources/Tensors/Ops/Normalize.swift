internal import CKernels

extension Tape {
  /// Scales every row to length 1.
  ///
  ///     y = x / max(‖x‖, ε)        ε = 1e-12
  ///
  /// - Parameter x: `[rows, width]`. A row shorter than ε, such as a zero row, stays short.
  /// - Returns: `[rows, width]`.
  ///
  /// Derivative: ∂x = (g - y · ⟨g, y⟩) / ‖x‖, and g / ε where ‖x‖ < ε.
  public func normalize(_ x: Variable) -> Variable {
    let (result, norms) = x.value.normalizedRows()
    let xID = x.id
    return record(result) { gradient, pass in
      pass.add(gradient.normalizedRowsBackward(result: result, norms: norms), to: xID)
    }
  }
}

extension Tensor {
  /// Every row scaled to length 1, and the lengths it had; see ``Tape/normalize(_:)``.
  ///
  /// - Parameter shortest: ε; other libraries use other ones.
  /// - Returns: The rows, and `[rows]` lengths, at least ε.
  package func normalizedRows(shortest: Float = 1e-12) -> (rows: Tensor, norms: Tensor) {
    let width = width
    var norms = Tensor([rowCount]) { _ in }
    let norm = norms.mutablePointer()
    let rows = Tensor(shape) { y in
      let source = pointer
      WorkerPool.forEachBlock(of: rowCount, size: tokenBlock) { block in
        for row in block {
          let length = Float(kt_sum_of_squares(width, source + row * width).squareRoot())
          norm[row] = max(length, shortest)
          kt_scale(width, 1 / norm[row], source + row * width, y + row * width)
        }
      }
    }
    return (rows, norms)
  }

  /// The gradient of the rows from this gradient of the normalised ones.
  ///
  /// - Parameters:
  ///   - result: The normalised rows.
  ///   - norms: The lengths the rows had, as ``normalizedRows(shortest:)`` returned them.
  ///   - shortest: The same ε.
  /// - Returns: A gradient of the same shape.
  package func normalizedRowsBackward(
    result: Tensor, norms: Tensor, shortest: Float = 1e-12
  ) -> Tensor {
    let width = width
    return Tensor(shape) { dx in
      let (g, y, norm) = (pointer, result.pointer, norms.pointer)
      WorkerPool.forEachBlock(of: rowCount, size: tokenBlock) { block in
        for row in block {
          let at = row * width
          let inner = norm[row] > shortest ? kt_dot(width, g + at, y + at) : 0
          (dx + at).update(from: y + at, count: width)
          kt_project(width, inner, 1 / norm[row], g + at, dx + at)
        }
      }
    }
  }
}
