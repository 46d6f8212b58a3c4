extension Tape {
  /// Scaled dot-product attention with several heads (Vaswani et al., 2017, §3.2), each sequence
  /// within itself.
  ///
  ///     P = dropout(softmax(Q Kᵀ / √d))      y = P V        per sequence and head, d = width / heads
  ///
  /// Scores exist for a block of queries and a block of keys at a time, so memory does not grow with
  /// the square of the length (Dao et al., 2022); of the probabilities only log Σ exp is kept, and
  /// they are computed again on the way back.
  ///
  /// - Parameters:
  ///   - qkv: Queries, keys and values side by side, `[tokens, 3 · width]`; in each, the heads are
  ///     side by side.
  ///   - heads: How many heads there are; a divisor of the width.
  ///   - dropout: The dropout of the probabilities; nil for none.
  ///   - packing: The sequences.
  /// - Returns: `[tokens, width]`.
  ///
  /// Derivative, for the gradient g of y, with M the mask and Δ = Σ_columns g ∘ y for each query:
  ///
  ///     ∂V = (M ∘ P)ᵀ g      ∂S = P ∘ (M ∘ (g Vᵀ) - Δ)      ∂Q = ∂S K / √d      ∂K = ∂Sᵀ Q / √d
  public func attention(
    _ qkv: Variable, heads: Int, dropout: Dropout?, packing: Packing
  ) -> Variable {
    let (tokens, width) = (packing.tokenCount, qkv.value.width / 3)
    precondition(
      qkv.value.shape == [tokens, 3 * width] && heads > 0 && width % heads == 0,
      "attention: qkv \(qkv.value.shape), \(heads) heads, \(tokens) tokens")
    let form = PackedProduct.Form.best(for: precision)
    let units = AttentionUnits(heads: heads, width: width, dropout: dropout, packing: packing)
    var logSums = Tensor([heads, tokens]) { _ in }
    let logSum = logSums.mutablePointer()
    let source = qkv.value
    let result = Tensor([tokens, width], element: precision) { y in
      units.forEach { place in
        AttentionHead(place, source.rawPointer, source.element, form)
          .forward(into: y, logSums: logSum)
      }
    }
    guard isRecording else { return Variable(constant: result) }
    let id = qkv.id
    return record(result) { [logSums] gradient, pass in
      let element = form.kind.gradientElement
      let back = Tensor([tokens, 3 * width], element: element) { target in
        units.forEach { place in
          AttentionHead(place, source.rawPointer, source.element, form).backward(
            result: result.rawPointer, gradient: gradient.rawPointer, gradient.element,
            logSums: logSums.pointer, into: target, element)
        }
      }
      pass.add(back, to: id)
    }
  }
}

/// The pieces that attention is computed in: every head of every sequence.
private struct AttentionUnits {
  let heads: Int
  let width: Int
  let dropout: Dropout?
  let packing: Packing

  /// Calls `body` for every sequence and head on all threads, heads of one sequence in a row.
  func forEach(_ body: (AttentionPlace) -> Void) {
    WorkerPool.forEach(packing.sequenceCount * heads) { index in
      let (sequence, head) = (index / heads, index % heads)
      let tokens = packing.tokens(of: sequence)
      body(
        AttentionPlace(
          first: tokens.lowerBound, length: tokens.count, head: head, width: width,
          headWidth: width / heads, tokenCount: packing.tokenCount,
          rowKey: packing.rowKeys[sequence], dropout: dropout))
    }
  }
}

/// One head in one sequence.
struct AttentionPlace {
  /// The sequence's first token, as a row of the packed matrices.
  let first: Int
  /// How many tokens the sequence has.
  let length: Int
  let head: Int
  /// The width of all heads together.
  let width: Int
  let headWidth: Int
  /// The tokens of all sequences.
  let tokenCount: Int
  let rowKey: UInt32
  let dropout: Dropout?
}
