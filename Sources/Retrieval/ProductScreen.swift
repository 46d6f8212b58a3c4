internal import CKernels
internal import Tensors

/// Inner products of 16-bit numbers, twice as fast as those of fp32, as a screen: they tell which
/// documents cannot be among the best of a query, and only the others are scored in fp32.
///
/// What comes out is what products in fp32 alone give. Rounding x to bf16 changes each of its elements
/// by no more than u = 2⁻⁸ of it, so by Cauchy and Schwarz a product changes by no more than
/// (2u + u²) · |x| · |y|; sums of n products in fp32 add n · 2⁻²⁴ · |x| · |y| at most, here and there.
struct ProductScreen {
  /// `[documents, width]`.
  private let documents: Tensor
  private let packed: PackedMatrix
  /// The length of the longest document.
  private let longest: Float

  /// Whether a screen pays: where the processor multiplies bf16 itself, and few documents pass.
  static func isFaster(k: Int, documents: Int) -> Bool {
    k <= documents / 64 && PackedProduct.Form.best(.bf16).multipliesHalves
  }

  /// Packs some documents.
  ///
  /// - Parameter documents: `[documents, width]`.
  init(_ documents: Tensor) {
    self.documents = documents
    packed = PackedMatrix(
      .init(
        pointer: documents.pointer, element: .fp32, stride: documents.width, isTransposed: true),
      columns: documents.rowCount, depth: documents.width, form: .best(.bf16))
    longest = Self.lengths(of: documents).reduce(0) { $1 > $0 || $1.isNaN ? $1 : $0 }
  }

  /// Scores queries and lets the best be kept.
  ///
  /// - Parameters:
  ///   - queries: `[rows, width]`.
  ///   - rows: Which queries these are.
  ///   - first: The index of the first document.
  ///   - best: What keeps them.
  func add(_ queries: Tensor, _ rows: Range<Int>, first: Int, to best: TopK) {
    let (width, count) = (documents.width, documents.rowCount)
    let rough = Tensor([rows.count, count]) { result in
      PackedProduct.multiply(
        .init(pointer: queries.pointer, element: .fp32, stride: width), packed,
        into: .init(pointer: result, element: .fp32, stride: count), rows: rows.count)
    }
    let lengths = Self.lengths(of: queries)
    rough.withElements { rough in
      WorkerPool.forEach(rows.count) { index in
        let query = queries.pointer + index * width
        best.add(
          rough: UnsafeBufferPointer(rebasing: rough[index * count..<(index + 1) * count]),
          slack: slack(lengths[index]), query: rows.lowerBound + index, first: first
        ) { kt_dot(width, query, documents.pointer + $0 * width) }
      }
    }
    withExtendedLifetime(queries) {}
  }

  /// How far a product may be from the one in fp32.
  private func slack(_ length: Float) -> Float {
    // Beyond these a rounded number may be infinite, or 0 where it is subnormal.
    let sane: ClosedRange<Float> = 1e-10...1e10
    guard sane.contains(length), sane.contains(longest) else { return .infinity }
    let unit: Float = 0x1p-8
    let sums = 2 * Float(documents.width) * 0x1p-24
    return (2 * unit + unit * unit + sums) * 1.01 * length * longest
  }

  private static func lengths(of rows: Tensor) -> [Float] {
    let (base, width) = (rows.pointer, rows.width)
    return (0..<rows.rowCount).map { row in
      kt_dot(width, base + row * width, base + row * width).squareRoot()
    }
  }
}
