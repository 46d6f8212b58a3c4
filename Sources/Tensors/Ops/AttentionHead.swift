internal import CKernels
internal import Glibc

/// Attention of one head in one sequence, and its derivative, on the calling thread.
///
/// Keys and values are packed once for all queries. Queries are taken in blocks, and for each the keys
/// in blocks: scores of both stay in the second-level cache.
struct AttentionHead {
  let place: AttentionPlace
  let qkv: UnsafeRawPointer
  let element: ElementType
  let form: PackedProduct.Form

  /// Queries at a time.
  static let queryBlock = 128
  /// Keys at a time: whole panels of every form, and whole groups of the dropout's random numbers.
  static let keyBlock = 384

  init(
    _ place: AttentionPlace, _ qkv: UnsafeRawPointer, _ element: ElementType,
    _ form: PackedProduct.Form
  ) {
    (self.place, self.qkv, self.element, self.form) = (place, qkv, element, form)
  }

  /// y = dropout(softmax(Q Kᵀ / √d)) V for this head's columns, and log Σ exp of each query.
  func forward(into y: UnsafeMutableRawPointer, logSums: UnsafeMutablePointer<Float>) {
    var layout = ScratchLayout()
    let keys = layout.add(packedSize(columns: length, depth: depth))
    let values = layout.add(keyBlocks * packedBlock)
    let scores = layout.add(queriesAtATime * min(length, Self.keyBlock))
    let output = layout.add(queriesAtATime * depth)
    let packedQueries = layout.add(kt_gemm_left_words(form.kernel, queriesAtATime, depth))
    let state = layout.add(2 * queriesAtATime)
    withScratch(floats: layout.count) { scratch in
      pack(operand(.key, isTransposed: true), columns: length, depth: depth, to: scratch + keys)
      forEachKeyBlock { index, block in
        pack(
          operand(.value, skipping: block.lowerBound), columns: depth, depth: block.count,
          to: scratch + values + index * packedBlock)
      }
      forEachQueryBlock { queries in
        let (largest, sum) = (scratch + state, scratch + state + queriesAtATime)
        largest.update(repeating: -.infinity, count: queries.count)
        sum.update(repeating: 0, count: queries.count)
        kt_gemm_pack_left(
          form.kernel, operand(.query).matrix, queries.lowerBound, queries.count, 0, depth,
          scratch + packedQueries)
        forEachKeyBlock { index, block in
          multiplyPacked(
            scratch + packedQueries, scratch + keys, columns: block, rows: queries.count,
            into: scratch + scores, alpha: scale)
          for query in 0..<queries.count {
            let row = scratch + scores + query * block.count
            let factor = kt_softmax_part(block.count, row, largest + query, sum + query)
            if index > 0 {
              let out = scratch + output + query * depth
              kt_scale(depth, factor, out, out)
            }
            place.dropout?.apply(
              rowKey: place.rowKey, position: UInt32(queries.lowerBound + query),
              head: UInt32(place.head), first: block.lowerBound, count: block.count, to: row,
              into: row)
          }
          multiply(
            .init(pointer: scratch + scores, element: .fp32, stride: block.count),
            scratch + values + index * packedBlock, depth: block.count, columns: 0..<depth,
            rows: queries.count, into: dense(scratch + output), adding: index > 0)
        }
        let writer = BlockWriter(base: y, element: element)
        for query in 0..<queries.count {
          let token = place.first + queries.lowerBound + query
          let at = token * place.width + column
          writer.write(at..<at + depth) { y in
            kt_scale(depth, 1 / sum[query], scratch + output + query * depth, y)
          }
          logSums[place.head * place.tokenCount + token] = largest[query] + logf(sum[query])
        }
      }
    }
  }

  /// The gradients of this head's queries, keys and values.
  ///
  /// - Parameters:
  ///   - result: y, `[tokens, width]`, of the element type of q, k and v.
  ///   - gradient: ∂y, likewise.
  ///   - gradientElement: Its element type.
  ///   - logSums: What ``forward(into:logSums:)`` wrote.
  ///   - target: `[tokens, 3 · width]`.
  ///   - targetElement: Its element type.
  func backward(
    result: UnsafeRawPointer, gradient: UnsafeRawPointer, _ gradientElement: ElementType,
    logSums: UnsafePointer<Float>, into target: UnsafeMutableRawPointer,
    _ targetElement: ElementType
  ) {
    let g = PackedProduct.Operand(
      pointer: gradient + (place.first * place.width + column) * gradientElement.size,
      element: gradientElement, stride: place.width)
    var layout = ScratchLayout()
    let keys = layout.add(packedSize(columns: length, depth: depth))
    let values = layout.add(packedSize(columns: length, depth: depth))
    let keyRows = layout.add(keyBlocks * packedBlock)
    let packedQueries = layout.add(kt_gemm_left_words(form.kernel, queriesAtATime, depth))
    let packedGradients = layout.add(kt_gemm_left_words(form.kernel, queriesAtATime, depth))
    let queryRows = layout.add(packedSize(columns: depth, depth: queriesAtATime))
    let gradientRows = layout.add(packedSize(columns: depth, depth: queriesAtATime))
    let scores = layout.add(queriesAtATime * min(length, Self.keyBlock))
    let scoreGradients = layout.add(queriesAtATime * min(length, Self.keyBlock))
    // With one block of each, every gradient is one product, which goes to its place.
    let isOneBlock = length <= min(Self.queryBlock, Self.keyBlock)
    let sums = layout.add(isOneBlock ? 0 : 3 * length * depth)
    let row = layout.add(2 * depth + Self.keyBlock + queriesAtATime)
    withScratch(floats: layout.count) { scratch in
      func sum(_ part: Part) -> PackedProduct.Target {
        isOneBlock
          ? targetPlace(part, in: target, targetElement)
          : dense(scratch + sums + part.rawValue * length * depth)
      }
      let (dq, dk, dv) = (sum(.query), sum(.key), sum(.value))
      let (buffer, mask) = (scratch + row, scratch + row + 2 * depth)
      let inner = mask + Self.keyBlock
      pack(operand(.key, isTransposed: true), columns: length, depth: depth, to: scratch + keys)
      pack(operand(.value, isTransposed: true), columns: length, depth: depth, to: scratch + values)
      forEachKeyBlock { index, block in
        pack(
          operand(.key, skipping: block.lowerBound), columns: depth, depth: block.count,
          to: scratch + keyRows + index * packedBlock)
      }
      forEachQueryBlock { queries in
        let q = operand(.query, skipping: queries.lowerBound)
        let g = g.dropping(rows: queries.lowerBound)
        let isFirst = queries.lowerBound == 0
        kt_gemm_pack_left(
          form.kernel, q.matrix, 0, queries.count, 0, depth, scratch + packedQueries)
        kt_gemm_pack_left(
          form.kernel, g.matrix, 0, queries.count, 0, depth, scratch + packedGradients)
        pack(q, columns: depth, depth: queries.count, to: scratch + queryRows)
        pack(g, columns: depth, depth: queries.count, to: scratch + gradientRows)
        for query in 0..<queries.count {
          let at = (place.first + queries.lowerBound + query) * place.width + column
          inner[query] = kt_dot(
            depth, gradientElement.read(gradient + at * gradientElement.size, count: depth, buffer),
            element.read(result + at * element.size, count: depth, buffer + depth))
        }
        forEachKeyBlock { index, block in
          multiplyPacked(
            scratch + packedQueries, scratch + keys, columns: block, rows: queries.count,
            into: scratch + scores, alpha: scale)
          multiplyPacked(
            scratch + packedGradients, scratch + values, columns: block, rows: queries.count,
            into: scratch + scoreGradients, alpha: 1)
          for query in 0..<queries.count {
            let token = place.first + queries.lowerBound + query
            place.dropout?.writeMask(
              rowKey: place.rowKey, position: UInt32(queries.lowerBound + query),
              head: UInt32(place.head), first: block.lowerBound, count: block.count, to: mask)
            kt_softmax_backward(
              block.count, scratch + scores + query * block.count,
              place.dropout == nil ? nil : UnsafePointer(mask),
              logSums[place.head * place.tokenCount + token], inner[query],
              scratch + scoreGradients + query * block.count)
          }
          multiply(
            .init(
              pointer: scratch + scores, element: .fp32, stride: block.count, isTransposed: true),
            scratch + gradientRows, depth: queries.count, columns: 0..<depth, rows: block.count,
            into: dv, row: block.lowerBound, adding: !isFirst)
          multiply(
            .init(
              pointer: scratch + scoreGradients, element: .fp32, stride: block.count,
              isTransposed: true),
            scratch + queryRows, depth: queries.count, columns: 0..<depth, rows: block.count,
            into: dk, row: block.lowerBound, alpha: scale, adding: !isFirst)
          multiply(
            .init(pointer: scratch + scoreGradients, element: .fp32, stride: block.count),
            scratch + keyRows + index * packedBlock, depth: block.count, columns: 0..<depth,
            rows: queries.count, into: dq, row: queries.lowerBound, alpha: scale,
            adding: index > 0)
        }
      }
      guard !isOneBlock else { return }
      for part in [Part.query, .key, .value] {
        let sum = scratch + sums + part.rawValue * length * depth
        for token in 0..<length {
          targetElement.write(
            sum + token * depth, count: depth,
            to: targetPlace(part, in: target, targetElement).target(row: token, column: 0).data)
        }
      }
    }
  }
}
