import CKernels
import Foundation
import TestSupport
import Tensors

/// Numbers stored in one of the ways that products read.
struct Elements {
  let type: ElementType
  var bytes: [UInt8]

  /// Rounds the numbers, by the plain conversions.
  init(_ values: [Float], as type: ElementType) {
    self.type = type
    bytes = [UInt8](repeating: 0, count: values.count * type.size)
    bytes.withUnsafeMutableBytes { bytes in
      switch type {
      case .fp32:
        values.withUnsafeBytes { bytes.copyMemory(from: $0) }
      case .bf16:
        kt_bf16_from_fp32_plain(
          values.count, values, bytes.assumingMemoryBound(to: UInt16.self).baseAddress)
      case .fp16:
        kt_fp16_from_fp32_plain(
          values.count, values, bytes.assumingMemoryBound(to: UInt16.self).baseAddress)
      }
    }
  }

  var values: [Float] {
    var values = [Float](repeating: 0, count: bytes.count / type.size)
    bytes.withUnsafeBytes { bytes in
      let halves = bytes.assumingMemoryBound(to: UInt16.self).baseAddress
      switch type {
      case .fp32: values.withUnsafeMutableBytes { $0.copyMemory(from: bytes) }
      case .bf16: kt_fp32_from_bf16_plain(values.count, halves, &values)
      case .fp16: kt_fp32_from_fp16_plain(values.count, halves, &values)
      }
    }
    return values
  }
}

extension ElementType {
  /// Half a unit in the last place, relative.
  var halfLastPlace: Double {
    switch self {
    case .fp32: 0x1p-24
    case .bf16: 0x1p-8
    case .fp16: 0x1p-11
    }
  }

  /// What kernels call it.
  var inKernels: kt_element {
    switch self {
    case .fp32: kt_fp32
    case .bf16: kt_bf16
    case .fp16: kt_fp16
    }
  }
}

/// A product of random matrices with room around them, and what it should give.
struct Problem: CustomStringConvertible {
  let kind: PackedProduct.Kind
  let rows: Int
  let columns: Int
  let depth: Int
  var left: ElementType
  var right: ElementType
  var target: ElementType
  var isLeftTransposed = false
  var isRightTransposed = false
  var alpha: Float = 1
  var beta: Float = 0
  /// Whether the left operand goes through GELU.
  var isActivated = false
  /// Elements beyond the width, in each of the three.
  var padding = (left: 0, right: 0, target: 3)
  let leftValues: [Float]
  private let rightValues: [Float]
  private var oldValues: [Float]

  /// A problem of a given shape, all of it in 16 bits.
  init(
    kind: PackedProduct.Kind, rows: Int, columns: Int, depth: Int,
    using generator: inout SplitMix
  ) {
    (self.kind, self.rows, self.columns, self.depth) = (kind, rows, columns, depth)
    func random(_ count: Int) -> [Float] {
      (0..<count).map { _ in Float.random(in: -1...1, using: &generator) }
    }
    leftValues = random(rows * depth)
    rightValues = random(depth * columns)
    oldValues = random(rows * columns)
    let half: ElementType = kind == .bf16 ? .bf16 : .fp16
    (left, right, target) = (half, half, half)
  }

  /// A problem of random shape; `index` says how the matrices are stored.
  init(kind: PackedProduct.Kind, index: Int, using generator: inout SplitMix) {
    self.init(
      kind: kind, rows: Int.random(in: 1...70, using: &generator),
      columns: Int.random(in: 1...70, using: &generator),
      depth: Int.random(in: 1...70, using: &generator), using: &generator)
    if index & 1 != 0 { left = .fp32 }
    if index & 2 != 0 { right = .fp32 }
    if index & 4 != 0 { target = .fp32 }
    isLeftTransposed = index & 8 != 0
    isRightTransposed = index & 16 != 0
    if index & 32 != 0 { (alpha, beta) = (0.75, -0.5) }
    padding = (index % 3, index % 5, index % 7)
  }

  var half: ElementType { kind == .bf16 ? .bf16 : .fp16 }

  var description: String {
    "\(left)[\(rows), \(depth)]\(isLeftTransposed ? "ᵀ" : "") · "
      + "\(right)[\(depth), \(columns)]\(isRightTransposed ? "ᵀ" : "") as \(target), "
      + "\(alpha), \(beta), \(padding)"
  }

  mutating func roundTargetsOldElements(to type: ElementType) {
    oldValues = Elements(oldValues, as: type).values
  }

  /// The result by sums in double of the numbers as they enter the product.
  var expected: [Double] {
    var a = operandValues(leftValues).map(Double.init)
    if isActivated {
      a = a.map { $0 * 0.5 * (1 + erf($0 / 2.0.squareRoot())) }
      if kind == .bf16 { a = Elements(a.map { Float($0) }, as: .bf16).values.map(Double.init) }
    }
    let b = operandValues(rightValues, right)
    let old = Elements(oldValues, as: target).values
    return (0..<rows * columns).map { index in
      let (row, column) = (index / columns, index % columns)
      var sum = 0.0
      for k in 0..<depth { sum += a[row * depth + k] * Double(b[k * columns + column]) }
      return Double(alpha) * sum + (beta == 0 ? 0 : Double(beta) * Double(old[index]))
    }
  }

  private func operandValues(_ values: [Float], _ type: ElementType? = nil) -> [Float] {
    // products of bf16 round fp32 operands; those of fp32 take them as they are.
    Elements(values, as: kind == .bf16 ? .bf16 : type ?? left).values
  }

  /// The result, the right operand packed as a whole, and whether what lies between the result's rows
  /// is as before.
  func compute(
    _ form: PackedProduct.Form, rowsAtATime: Int? = nil, adding other: PackedProduct.Addend? = nil
  ) -> (result: [Float], isPaddingKept: Bool) {
    run { a, b, c in
      let packed = PackedMatrix(operand(b), columns: columns, depth: depth, form: form)
      for row in stride(from: 0, to: rows, by: rowsAtATime ?? rows) {
        PackedProduct.multiply(
          operand(a, left, isLeftTransposed, skipping: row), packed, into: target(c, row: row),
          rows: min(rowsAtATime ?? rows, rows - row), alpha: alpha, adding: other ?? addend)
      }
    }
  }

  /// The result, both operands packed a block of depth at a time.
  func computeDeep(_ form: PackedProduct.Form) -> (result: [Float], isPaddingKept: Bool) {
    run { a, b, c in
      PackedProduct.multiply(
        operand(a, left, isLeftTransposed, skipping: 0), operand(b),
        into: [0..<rows / 3, rows / 3..<rows].map { part in
          .init(target: target(c, row: part.lowerBound), count: part.count, adding: addend)
        }, columns: columns, depth: depth, form: form)
    }
  }

  /// What comes with a deep product: the sum of each row of its left operand, a transpose.
  func computeLeftSums(_ form: PackedProduct.Form) -> [Float] {
    var sums = [Float](repeating: .nan, count: rows)
    _ = run { a, b, c in
      PackedProduct.multiply(
        operand(a, left, true, skipping: 0), operand(b),
        into: [.init(target: target(c, row: 0), count: rows)], columns: columns, depth: depth,
        leftSums: &sums, form: form)
    }
    return sums
  }

  private var addend: PackedProduct.Addend {
    beta == 0 ? .nothing : .result(times: beta)
  }

  private var leftStride: Int { (isLeftTransposed ? rows : depth) + padding.left }
  private var rightStride: Int { (isRightTransposed ? depth : columns) + padding.right }
  private var targetStride: Int { columns + padding.target }

  private func operand(
    _ base: UnsafeRawPointer, _ type: ElementType, _ isTransposed: Bool, skipping row: Int
  ) -> PackedProduct.Operand {
    .init(
      pointer: base + (isTransposed ? row : row * leftStride) * type.size, element: type,
      stride: leftStride, isTransposed: isTransposed, activation: isActivated ? .gelu : .identity)
  }

  private func operand(_ base: UnsafeRawPointer) -> PackedProduct.Operand {
    .init(pointer: base, element: right, stride: rightStride, isTransposed: isRightTransposed)
  }

  private func target(_ base: UnsafeMutableRawPointer, row: Int) -> PackedProduct.Target {
    .init(pointer: base + row * targetStride * target.size, element: target, stride: targetStride)
  }

  private func run(
    _ body: (UnsafeRawPointer, UnsafeRawPointer, UnsafeMutableRawPointer) -> Void
  ) -> (result: [Float], isPaddingKept: Bool) {
    // Between the rows lie NaNs, which would spread if they were read.
    func lay(_ values: [Float], _ rows: Int, _ width: Int, _ transposed: Bool, _ padding: Int)
      -> [Float]
    {
      let (count, length) = transposed ? (width, rows) : (rows, width)
      return (0..<count).flatMap { i in
        (0..<length).map { values[transposed ? $0 * width + i : i * width + $0] }
          + [Float](repeating: .nan, count: padding)
      }
    }
    let a = Elements(lay(leftValues, rows, depth, isLeftTransposed, padding.left), as: left)
    let b = Elements(lay(rightValues, depth, columns, isRightTransposed, padding.right), as: right)
    // With beta = 0 the old elements may be anything.
    let old = beta == 0 ? oldValues.map { _ in Float.nan } : oldValues
    var c = Elements(lay(old, rows, columns, false, padding.target), as: target)
    a.bytes.withUnsafeBytes { a in
      b.bytes.withUnsafeBytes { b in
        c.bytes.withUnsafeMutableBytes { c in
          guard let c = c.baseAddress else { return }
          // An operand without elements has no address.
          body(a.baseAddress ?? UnsafeRawPointer(c), b.baseAddress ?? UnsafeRawPointer(c), c)
        }
      }
    }
    let values = c.values
    let isPaddingKept = values.indices.allSatisfy {
      $0 % targetStride < columns || values[$0].isNaN
    }
    return (
      values.indices.filter { $0 % targetStride < columns }.map { values[$0] }, isPaddingKept
    )
  }
}
