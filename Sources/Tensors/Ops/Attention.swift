internal import CKernels

extension Tape {
  /// Scaled dot-product attention with several heads (Vaswani et al., 2017, §3.2), each sequence
  /// within itself.
  ///
  ///     P = dropout(softmax(Q Kᵀ / √d))      y = P V        per sequence and head, d = width / heads
  ///
  /// Scores exist for a block of queries at a time, so memory grows with the length, not with its
  /// square; of the probabilities only log Σ exp is kept, and they are computed again on the way
  /// back.
  ///
  /// - Parameters:
  ///   - q: Queries, `[tokens, width]`, the heads side by side.
  ///   - k: Keys, likewise.
  ///   - v: Values, likewise.
  ///   - heads: How many heads there are; a divisor of the width.
  ///   - dropout: The dropout of the probabilities; nil for none.
  ///   - packing: The sequences.
  /// - Returns: `[tokens, width]`.
  ///
  /// Derivative, for the gradient g of y, with M the mask and Δ = Σ_columns g ∘ y for each query:
  ///
  ///     ∂V = (M ∘ P)ᵀ g      ∂S = P ∘ (M ∘ (g Vᵀ) - Δ)      ∂Q = ∂S K / √d      ∂K = ∂Sᵀ Q / √d
  public func attention(
    _ q: Variable, _ k: Variable, _ v: Variable, heads: Int, dropout: Dropout?, packing: Packing
  ) -> Variable {
    let shape = q.value.shape
    precondition(
      k.value.shape == shape && v.value.shape == shape && shape.count == 2
        && shape[0] == packing.tokenCount && heads > 0 && shape[1] % heads == 0,
      "attention: q \(shape), k \(k.value.shape), v \(v.value.shape), \(heads) heads")
    let kernel = AttentionKernel(
      q: q.value, k: k.value, v: v.value, heads: heads, dropout: dropout, packing: packing)
    var logSums = Tensor([heads, packing.tokenCount]) { _ in }
    let logSum = logSums.mutablePointer()
    let result = Tensor(shape, element: precision) { y in
      kernel.forEachHead { kernel.forward(sequence: $0, head: $1, into: y, logSums: logSum) }
    }
    guard isRecording else { return Variable(constant: result) }
    let (qID, kID, vID) = (q.id, k.id, v.id)
    return record(result) { [logSums] gradient, pass in
      var (dq, dk, dv) = (Tensor(shape) { _ in }, Tensor(shape) { _ in }, Tensor(shape) { _ in })
      let targets = AttentionKernel.Targets(
        q: dq.mutablePointer(), k: dk.mutablePointer(), v: dv.mutablePointer())
      kernel.forEachHead { sequence, head in
        kernel.backward(
          sequence: sequence, head: head, result: result, gradient: gradient, logSums: logSums,
          into: targets)
      }
      pass.add(dq, to: qID)
      pass.add(dk, to: kID)
      pass.add(dv, to: vID)
    }
  }
}

/// Attention of one head in one sequence, and its derivative.
///
/// A class, so that handing it to the threads counts one reference instead of each tensor's.
private final class AttentionKernel: Sendable {
  let q: Tensor
  let k: Tensor
  let v: Tensor
  let heads: Int
  let dropout: Dropout?
  let packing: Packing
  /// How products are computed; nil for OpenBLAS.
  private let form: HalfProduct.Form?

  init(q: Tensor, k: Tensor, v: Tensor, heads: Int, dropout: Dropout?, packing: Packing) {
    (self.q, self.k, self.v, self.heads) = (q, k, v, heads)
    (self.dropout, self.packing) = (dropout, packing)
    form = q.element == .fp32 ? nil : .best(for: q.element)
  }

  /// Queries at a time: their scores against a few hundred keys stay in the second-level cache.
  private let queryBlock = 64

  struct Targets {
    let q: UnsafeMutablePointer<Float>
    let k: UnsafeMutablePointer<Float>
    let v: UnsafeMutablePointer<Float>
  }

  private var width: Int { q.width }
  private var headWidth: Int { width / heads }
  private var scale: Float { 1 / Float(headWidth).squareRoot() }

  /// Calls `body` for every sequence and head on all threads, heads of one sequence in a row.
  func forEachHead(_ body: (_ sequence: Int, _ head: Int) -> Void) {
    WorkerPool.forEach(packing.sequenceCount * heads) { body($0 / heads, $0 % heads) }
  }

  func forward(
    sequence: Int, head: Int, into y: UnsafeMutableRawPointer,
    logSums: UnsafeMutablePointer<Float>
  ) {
    forEachQueryBlock(of: sequence, head: head, matrices: 1) { block, length, scratch in
      let (scores, mask) = (scratch[0], scratch[1])
      self.scores(of: block, into: scores)
      for query in 0..<block.count {
        let row = scores + query * length
        var largest: Float = 0
        let logSum = kt_softmax(length, row, &largest)
        logSums[head * packing.tokenCount + block.first + query] = largest + logSum
        guard let dropout else { continue }
        dropout.writeMask(
          rowKey: block.rowKey, position: UInt32(block.place + query), head: UInt32(head),
          count: length, to: mask)
        kt_multiply(length, mask, row, row)
      }
      multiply(
        .init(scores, stride: length), operand(v, at: block.keys),
        into: .init(
          pointer: y + (block.first * width + block.column) * q.element.size, element: q.element,
          stride: width), rows: block.count, columns: headWidth, depth: length)
    }
  }

  func backward(
    sequence: Int, head: Int, result: Tensor, gradient: Tensor, logSums: Tensor,
    into targets: Targets
  ) {
    forEachQueryBlock(of: sequence, head: head, matrices: 2) { block, length, scratch in
      let (probabilities, mask, scoreGradient) = (scratch[0], scratch[1], scratch[2])
      scores(of: block, into: probabilities)
      multiply(
        operand(gradient, at: block), operand(v, at: block.keys, isTransposed: true),
        into: .init(scoreGradient, stride: length), rows: block.count, columns: length,
        depth: headWidth)
      for query in 0..<block.count {
        let token = block.first + query
        let at = token * width + block.column
        let row = query * length
        kt_softmax_again(
          length, logSums.pointer[head * packing.tokenCount + token], probabilities + row)
        dropout?.writeMask(
          rowKey: block.rowKey, position: UInt32(block.place + query), head: UInt32(head),
          count: length, to: mask)
        let inner = result.withFloats(at..<at + headWidth) {
          kt_dot(headWidth, gradient.pointer + at, $0)
        }
        kt_softmax_backward(
          length, probabilities + row, dropout == nil ? nil : UnsafePointer(mask), inner,
          scoreGradient + row)
      }
      let isFirst: Float = block.place == 0 ? 0 : 1
      let keys = block.keys.first * width + block.column
      multiply(
        .init(probabilities, stride: length, isTransposed: true), operand(gradient, at: block),
        into: .init(targets.v + keys, stride: width), rows: length, columns: headWidth,
        depth: block.count, beta: isFirst)
      multiply(
        .init(scoreGradient, stride: length, isTransposed: true), operand(q, at: block),
        into: .init(targets.k + keys, stride: width), rows: length, columns: headWidth,
        depth: block.count, alpha: scale, beta: isFirst)
      multiply(
        .init(scoreGradient, stride: length), operand(k, at: block.keys),
        into: .init(targets.q + block.first * width + block.column, stride: width),
        rows: block.count, columns: headWidth, depth: length, alpha: scale)
    }
  }
}

extension AttentionKernel {
  /// Some tokens of a sequence, seen by one head.
  private struct Block {
    /// The first token's row in the packed matrix.
    let first: Int
    let count: Int
    /// The first token's place in its sequence.
    let place: Int
    let rowKey: UInt32
    /// The head's first column.
    let column: Int
    /// All tokens of the sequence.
    let keys: Keys

    struct Keys {
      let first: Int
      let count: Int
      let column: Int
    }
  }

  /// Calls `body` with each block of queries and with scratch memory: `matrices` times
  /// `[queries, length]`, and a vector of `length` in second place.
  private func forEachQueryBlock(
    of sequence: Int, head: Int, matrices: Int,
    _ body: (Block, _ length: Int, [UnsafeMutablePointer<Float>]) -> Void
  ) {
    let tokens = packing.tokens(of: sequence)
    let length = tokens.count
    let size = min(queryBlock, length) * length
    withUnsafeTemporaryAllocation(of: Float.self, capacity: matrices * size + length) { memory in
      let base = memory.baseAddress!
      let scratch = [base, base + matrices * size, base + (matrices - 1) * size]
      for place in stride(from: 0, to: length, by: queryBlock) {
        let block = Block(
          first: tokens.lowerBound + place, count: min(queryBlock, length - place), place: place,
          rowKey: packing.rowKeys[sequence], column: head * headWidth,
          keys: .init(first: tokens.lowerBound, count: length, column: head * headWidth))
        body(block, length, scratch)
      }
    }
  }

  /// Q Kᵀ / √d for a block of queries against all keys of the sequence.
  private func scores(of block: Block, into target: UnsafeMutablePointer<Float>) {
    multiply(
      operand(q, at: block), operand(k, at: block.keys, isTransposed: true),
      into: .init(target, stride: block.keys.count), rows: block.count, columns: block.keys.count,
      depth: headWidth, alpha: scale)
  }

  private func operand(_ tensor: Tensor, at block: Block) -> HalfProduct.Operand {
    operand(tensor, row: block.first, column: block.column)
  }

  private func operand(
    _ tensor: Tensor, at keys: Block.Keys, isTransposed: Bool = false
  ) -> HalfProduct.Operand {
    operand(tensor, row: keys.first, column: keys.column, isTransposed: isTransposed)
  }

  private func operand(
    _ tensor: Tensor, row: Int, column: Int, isTransposed: Bool = false
  ) -> HalfProduct.Operand {
    .init(
      pointer: tensor.rawPointer + (row * width + column) * tensor.element.size,
      element: tensor.element, stride: width, isTransposed: isTransposed)
  }

  /// result = alpha · left · right + beta · result on the calling thread, of whatever type.
  private func multiply(
    _ left: HalfProduct.Operand, _ right: HalfProduct.Operand, into result: HalfProduct.Target,
    rows: Int, columns: Int, depth: Int, alpha: Float = 1, beta: Float = 0
  ) {
    if let form {
      HalfProduct.multiplyHere(
        left, right, into: result, rows: rows, columns: columns, depth: depth, alpha: alpha,
        beta: beta, form: form)
    } else {
      MatrixProduct.multiplyHere(
        .init(left), .init(right), into: result.pointer.assumingMemoryBound(to: Float.self),
        stride: result.stride, rows: rows, columns: columns, depth: depth, alpha: alpha, beta: beta)
    }
  }
}

extension HalfProduct.Operand {
  fileprivate init(
    _ pointer: UnsafeMutablePointer<Float>, stride: Int, isTransposed: Bool = false
  ) {
    self.init(
      pointer: UnsafeRawPointer(pointer), element: .fp32, stride: stride,
      isTransposed: isTransposed)
  }
}

extension HalfProduct.Target {
  fileprivate init(_ pointer: UnsafeMutablePointer<Float>, stride: Int) {
    self.init(pointer: UnsafeMutableRawPointer(pointer), element: .fp32, stride: stride)
  }
}

extension MatrixProduct.Operand {
  /// An operand of fp32.
  fileprivate init(_ operand: HalfProduct.Operand) {
    self.init(
      pointer: operand.pointer.assumingMemoryBound(to: Float.self), stride: operand.stride,
      isTransposed: operand.isTransposed)
  }
}
