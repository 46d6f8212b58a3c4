import CKernels
import EmulatedTiles
import TestSupport
import Tensors
import Testing

/// Products by our own kernels against sums in double.
@Suite struct PackedProductTests {
  static let forms = PackedProduct.Kind.allCases.flatMap { PackedProduct.Form.all($0) } + emulated

  /// The form that few processors have, its instructions emulated.
  private static var emulated: [PackedProduct.Form] {
    emulated_amx_form().map { [.init(kind: .bf16, kernel: OpaquePointer($0))] } ?? []
  }

  /// Ragged shapes, both layouts of both operands, every way to store them, strides beyond the
  /// width, factors; with every form that this processor has.
  @Test(arguments: forms) func productIsExactToRounding(form: PackedProduct.Form) {
    var generator = SplitMix(seed: 11)
    for index in 0..<64 {
      let problem = Problem(kind: form.kind, index: index, using: &generator)
      let (result, isPaddingKept) = problem.compute(form)
      expectClose(
        result, problem.expected, relative: problem.target.halfLastPlace,
        absolute: 3e-7 * Double(problem.depth), "\(form): \(problem)")
      #expect(isPaddingKept, "\(form): \(problem)")
    }
  }

  /// A left operand that goes through GELU on its way in; with bf16 it is rounded behind that, so
  /// that a number may fall to the other side.
  @Test(arguments: forms) func leftOperandIsActivated(form: PackedProduct.Form) {
    var generator = SplitMix(seed: 16)
    for index in 0..<16 {
      var problem = Problem(kind: form.kind, index: index, using: &generator)
      problem.isActivated = true
      let rounding = form.kind == .bf16 ? 0x1p-9 * Double(problem.depth).squareRoot() : 0
      expectClose(
        problem.compute(form).result, problem.expected, relative: problem.target.halfLastPlace,
        absolute: 1e-6 * Double(problem.depth) + 0.2 * rounding, "\(form): \(problem)")
    }
  }

  /// One row that is added to every row, over one block of depth and over several.
  @Test(arguments: forms, [7, 900]) func aRowIsAdded(form: PackedProduct.Form, depth: Int) {
    var generator = SplitMix(seed: 17)
    var problem = Problem(kind: form.kind, rows: 9, columns: 53, depth: depth, using: &generator)
    problem.target = .fp32
    let plain = problem.compute(form).result
    let bias = (0..<53).map { Float($0) / 16 - 1 }
    let row = Tensor(bias, shape: [53])
    let result = withExtendedLifetime(row) {
      problem.compute(form, adding: .row(row.pointer)).result
    }
    expectClose(
      result, plain.indices.map { Double(plain[$0]) + Double(bias[$0 % 53]) }, relative: 1e-6,
      absolute: 2e-5)
  }

  /// Sums over a long depth wait in fp32 between blocks: a 16-bit result is the fp32 result rounded
  /// once, bit for bit.
  @Test(arguments: forms, [0, 1]) func halvesAreRoundedOnce(form: PackedProduct.Form, beta: Float) {
    var generator = SplitMix(seed: 12)
    for depth in [5, 900, 1700] {
      var problem = Problem(
        kind: form.kind, rows: 21, columns: 53, depth: depth, using: &generator)
      problem.beta = beta
      problem.target = .fp32
      problem.roundTargetsOldElements(to: problem.half)
      let wide = problem.compute(form).result
      problem.target = problem.half
      expectSame(problem.compute(form).result, Elements(wide, as: problem.half).values)
    }
  }

  /// Operands that are packed block by block, over one block of depth and several, few rows and many.
  @Test(arguments: forms, [(3, 500, 70), (230, 61, 2100)])
  func deepProductIsExactToRounding(form: PackedProduct.Form, shape: (Int, Int, Int)) {
    var generator = SplitMix(seed: 14)
    for index in 0..<8 {
      var problem = Problem(
        kind: form.kind, rows: shape.0, columns: shape.1, depth: shape.2, using: &generator)
      problem.target = .fp32
      problem.isLeftTransposed = index & 1 != 0
      problem.isRightTransposed = index & 2 != 0
      problem.beta = index & 4 != 0 ? -0.5 : 0
      let (result, isPaddingKept) = problem.computeDeep(form)
      expectClose(
        result, problem.expected, relative: 1e-6, absolute: 3e-8 * Double(problem.depth) + 3e-6,
        "\(form): \(problem)")
      #expect(isPaddingKept, "\(form): \(problem)")
    }
  }

  /// The sums of the left operand's rows, over no depth, one block of it and several.
  @Test(arguments: forms, [0, 300, 2100])
  func deepProductSumsTheLeftRows(form: PackedProduct.Form, depth: Int) {
    var generator = SplitMix(seed: 18)
    var problem = Problem(kind: form.kind, rows: 230, columns: 5, depth: depth, using: &generator)
    problem.isLeftTransposed = true
    problem.target = .fp32
    let left = Elements(problem.leftValues, as: problem.left).values
    let expected = (0..<230).map { row in
      left[row * depth..<(row + 1) * depth].reduce(0) { $0 + Double($1) }
    }
    expectClose(
      problem.computeLeftSums(form), expected, relative: 1e-6, absolute: 3e-7 * Double(depth))
  }

  /// In whichever pieces and by however many threads a result is computed, its bits are the same.
  @Test(arguments: forms) func resultDoesNotDependOnTheSplit(form: PackedProduct.Form) {
    var generator = SplitMix(seed: 13)
    var problem = Problem(kind: form.kind, rows: 401, columns: 470, depth: 431, using: &generator)
    problem.isLeftTransposed = true
    problem.target = .fp32
    let (whole, deep) = (problem.compute(form).result, problem.computeDeep(form).result)
    for size in [1, 7, 192, 300] {
      expectSame(problem.compute(form, rowsAtATime: size).result, whole)
    }
    for threads in [1, 2, 3, 7] {
      WorkerPool.setThreadCount(threads)
      expectSame(problem.compute(form).result, whole)
      expectSame(problem.computeDeep(form).result, deep)
    }
    WorkerPool.setThreadCount(0)
  }

  @Test(arguments: forms) func withoutDepthThereIsOnlyBeta(form: PackedProduct.Form) {
    var generator = SplitMix(seed: 15)
    for beta: Float in [0, 0.5] {
      var problem = Problem(kind: form.kind, rows: 4, columns: 9, depth: 0, using: &generator)
      problem.beta = beta
      #expect(problem.compute(form).result.map(Double.init) == problem.expected)
    }
  }

  /// In an expectation the difference of long lists would be looked for, which takes minutes.
  private func expectSame(
    _ found: [Float], _ expected: [Float], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let areEqual = found == expected
    #expect(areEqual, sourceLocation: sourceLocation)
  }
}
