internal import CKernels

/// How a head's numbers are cut into blocks, packed and multiplied.
extension AttentionHead {
  enum Part: Int {
    case query
    case key
    case value
  }

  var length: Int { place.length }
  var depth: Int { place.headWidth }
  /// The head's first column among those of all heads.
  var column: Int { place.head * place.headWidth }
  var scale: Float { 1 / Float(place.headWidth).squareRoot() }
  var queriesAtATime: Int { min(length, Self.queryBlock) }
  var keyBlocks: Int { (length + Self.keyBlock - 1) / Self.keyBlock }
  /// Words of a block of keys or values that are packed as rows.
  var packedBlock: Int { packedSize(columns: depth, depth: min(length, Self.keyBlock)) }

  func packedSize(columns: Int, depth: Int) -> Int {
    kt_gemm_packed_size(form.kernel, columns, depth) / MemoryLayout<Float>.stride
  }

  func forEachQueryBlock(_ body: (Range<Int>) -> Void) {
    for first in stride(from: 0, to: length, by: Self.queryBlock) {
      body(first..<min(length, first + Self.queryBlock))
    }
  }

  func forEachKeyBlock(_ body: (_ index: Int, Range<Int>) -> Void) {
    for index in 0..<keyBlocks {
      body(index, index * Self.keyBlock..<min(length, (index + 1) * Self.keyBlock))
    }
  }

  /// The rows of this head's queries, keys or values from one of the sequence's tokens on.
  func operand(
    _ part: Part, skipping rows: Int = 0, isTransposed: Bool = false
  ) -> PackedProduct.Operand {
    let at = (place.first + rows) * 3 * place.width + part.rawValue * place.width + column
    return .init(
      pointer: qkv + at * element.size, element: element, stride: 3 * place.width,
      isTransposed: isTransposed)
  }

  func pack(
    _ operand: PackedProduct.Operand, columns: Int, depth: Int,
    to target: UnsafeMutablePointer<Float>
  ) {
    kt_gemm_pack_right(form.kernel, operand.matrix, 0, depth, 0, columns, target)
  }

  /// Where the gradients of this head's queries, keys or values go in those of `[tokens, 3 · width]`.
  func targetPlace(
    _ part: Part, in gradients: UnsafeMutableRawPointer, _ element: ElementType
  ) -> PackedProduct.Target {
    let at = place.first * 3 * place.width + part.rawValue * place.width + column
    return .init(pointer: gradients + at * element.size, element: element, stride: 3 * place.width)
  }

  /// Numbers of the head's width end to end.
  func dense(_ numbers: UnsafeMutablePointer<Float>) -> PackedProduct.Target {
    .init(pointer: numbers, element: .fp32, stride: depth)
  }

  /// The result's rows from `row` on = alpha · left · packed, or added to what is there.
  func multiply(
    _ left: PackedProduct.Operand, _ packed: UnsafePointer<Float>, depth: Int,
    columns: Range<Int>, rows: Int, into result: PackedProduct.Target, row: Int = 0,
    alpha: Float = 1, adding: Bool = false
  ) {
    let addend: PackedProduct.Addend = adding ? .result(times: 1) : .nothing
    kt_gemm_packed(
      form.kernel, left.matrix, packed, rows, columns.lowerBound, columns.upperBound, depth, alpha,
      addend.addend(to: result, row: row, column: 0), result.target(row: row, column: 0))
  }

  /// result = alpha · left · right over the head's width; the result is dense.
  func multiplyPacked(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, columns: Range<Int>, rows: Int,
    into result: UnsafeMutablePointer<Float>, alpha: Float
  ) {
    kt_gemm_both_packed(
      form.kernel, left, right, rows, columns.lowerBound, columns.upperBound, depth, alpha,
      kt_addend(data: nil, stride: 0, element: kt_fp32, factor: 0),
      kt_target(data: result, stride: columns.count, element: kt_fp32))
  }
}

/// Where pieces of scratch memory begin, each aligned to 64 bytes.
struct ScratchLayout {
  private(set) var count = 0

  mutating func add(_ floats: Int) -> Int {
    defer { count += (floats + 15) / 16 * 16 }
    return count
  }
}
