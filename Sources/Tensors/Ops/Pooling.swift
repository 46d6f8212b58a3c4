internal import CKernels

/// How the tokens of a sequence become one vector.
public enum PoolingMode: String, Hashable, Sendable {
  /// The mean over the sequence's tokens.
  case mean
  /// The sequence's first token.
  case cls
}

extension Tape {
  /// Pooling of each sequence.
  ///
  ///     mean:  y[s] = Σ_{t ∈ s} x[t] / max(|s|, 1)        cls:  y[s] = x[first counted token of s]
  ///
  /// - Parameters:
  ///   - x: `[tokens, width]`.
  ///   - mode: Which vector is made.
  ///   - packing: The sequences.
  ///   - skipping: How many tokens at the start of each sequence do not count, such as a prompt's;
  ///     nil for none. A sequence must have one that does.
  /// - Returns: `[sequences, width]`.
  ///
  /// Derivative: ∂x[t] = g[s] / |s| (mean), or g[s] at the one token (cls); 0 for skipped tokens.
  public func pooling(
    _ x: Variable, mode: PoolingMode, packing: Packing, skipping: [Int]? = nil
  ) -> Variable {
    let width = x.value.width
    precondition(
      x.value.rowCount == packing.tokenCount, "pooling: \(x.value.shape), \(packing.tokenCount)")
    let counted = (0..<packing.sequenceCount).map { sequence -> Range<Int> in
      let tokens = packing.tokens(of: sequence).dropFirst(skipping?[sequence] ?? 0)
      precondition(!tokens.isEmpty, "pooling: no token of sequence \(sequence) counts")
      return mode == .mean ? tokens : tokens.prefix(1)
    }
    let result = Tensor([packing.sequenceCount, width]) { y in
      WorkerPool.forEach(packing.sequenceCount) { sequence in
        let target = y + sequence * width
        let tokens = counted[sequence]
        x.value.widen(tokens.lowerBound * width..<(tokens.lowerBound + 1) * width, to: target)
        for token in tokens.dropFirst() {
          x.value.withFloats(token * width..<(token + 1) * width) { kt_add(width, $0, target) }
        }
        if tokens.count > 1 { kt_scale(width, 1 / Float(tokens.count), target, target) }
      }
    }
    let (shape, xID) = (x.value.shape, x.id)
    return record(result) { gradient, pass in
      let back = Tensor(shape) { dx in
        let source = gradient.pointer
        WorkerPool.forEach(packing.sequenceCount) { sequence in
          let counted = counted[sequence]
          for token in packing.tokens(of: sequence) {
            let factor: Float = counted.contains(token) ? 1 / Float(counted.count) : 0
            kt_scale(width, factor, source + sequence * width, dx + token * width)
          }
        }
      }
      pass.add(back, to: xID)
    }
  }
}
