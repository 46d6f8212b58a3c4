import CKernels
import Tensors
import Testing

@Suite struct DropoutTests {
  /// The known answers of Random123's `kat_vectors` for Philox-4x32-7.
  @Test(
    arguments: [
      ([0, 0], [0, 0, 0, 0], [0x5f6f_b709, 0x0d89_3f64, 0x4f12_1f81, 0x4f73_0a48]),
      (
        [0xffff_ffff, 0xffff_ffff], [0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff],
        [0x5207_ddc2, 0x4516_5e59, 0x4d8e_e751, 0x8c52_f662]
      ),
      (
        [0xa409_3822, 0x299f_31d0], [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
        [0x4dfc_caba, 0x190a_87f0, 0xc473_62ba, 0xb6b5_242a]
      ),
    ] as [([UInt32], [UInt32], [UInt32])])
  func philoxEqualsItsKnownAnswers(key: [UInt32], counter: [UInt32], expected: [UInt32]) {
    var result: [UInt32] = [0, 0, 0, 0]
    kt_philox(key, counter, &result)
    #expect(result == expected)
  }

  /// The mask of the vectorised form, element by element from the plain one.
  @Test(arguments: [1, 127, 128, 129, 384, 1000])
  func maskEqualsItsPlainForm(count: Int) {
    var dropout = kt_dropout(key: 0x0123_4567_89ab_cdef, threshold: 20_000, scale: 1.5)
    var mask = [Float](repeating: .nan, count: count)
    kt_dropout_mask(&dropout, 5, 17, 3, 0, count, &mask)
    let expected = (0..<count).map { element -> Float in
      let (group, place) = (element / 128, element % 128)
      let counter = [UInt32(group * 16 + place % 16), 17, 3, 5]
      var words: [UInt32] = [0, 0, 0, 0]
      kt_philox([0x89ab_cdef, 0x0123_4567], counter, &words)
      let half = place / 16
      let bits = (words[half / 2] >> (half % 2 == 0 ? 0 : 16)) & 0xffff
      return bits < 20_000 ? 0 : 1.5
    }
    #expect(mask == expected)
    let values = (0..<count).map { Float($0 % 9) - 4 }
    var products = [Float](repeating: .nan, count: count)
    kt_dropout_apply(&dropout, 5, 17, 3, 0, count, values, &products)
    #expect(products == zip(expected, values).map { $0 * $1 })
    guard count > 256 else { return }
    var part = [Float](repeating: .nan, count: count - 256)
    kt_dropout_mask(&dropout, 5, 17, 3, 256, count - 256, &part)
    #expect(part == Array(expected[256...]))
  }

  @Test func theMaskOfASequenceDependsNeitherOnItsNeighboursNorOnItsPlace() {
    let key = DropoutKey(seed: 42, step: 7)
    let dropout = key.dropout(probability: 0.3, site: 4)
    let ones = Tensor(repeating: 1, shape: [12, 40])
    let tape = Tape(isRecording: false)
    let together = tape.dropout(
      Variable(constant: ones), dropout,
      packing: Packing(lengths: [4, 3, 5], rowKeys: [10, 20, 30])
    ).value
    let alone = tape.dropout(
      Variable(constant: ones.rows(0..<8)), dropout,
      packing: Packing(lengths: [3, 5], rowKeys: [20, 30])
    ).value
    #expect(together.rows(4..<12).elements == alone.elements)
  }

  @Test func seedStepSiteRowAndPositionAllMatter() {
    func mask(seed: UInt64 = 1, step: UInt64 = 1, site: Int = 1, row: UInt32 = 1) -> [Float] {
      let dropout = DropoutKey(seed: seed, step: step).dropout(probability: 0.5, site: site)
      return Tape(isRecording: false).dropout(
        Variable(constant: Tensor(repeating: 1, shape: [2, 128])), dropout,
        packing: Packing(lengths: [2], rowKeys: [row])
      ).value.elements
    }
    let masks = [mask(), mask(seed: 2), mask(step: 2), mask(site: 2), mask(row: 2)]
    #expect(Set(masks).count == masks.count)
    #expect(masks[0][..<128] != masks[0][128...])
  }

  @Test(arguments: [0.1, 0.5, 0.9])
  func theShareOfZerosIsTheProbabilityAndTheMeanStays(probability: Double) throws {
    let dropout = try #require(
      DropoutKey(seed: 3, step: 0).dropout(probability: probability, site: 0))
    let count = 400 * 1000
    let y = Tape(isRecording: false).dropout(
      Variable(constant: Tensor(repeating: 1, shape: [400, 1000])), dropout,
      packing: Packing(lengths: [400])
    ).value.elements
    let zeros = Double(y.count { $0 == 0 }) / Double(count)
    #expect(
      abs(zeros - probability) < 5 * (probability * (1 - probability) / Double(count)).squareRoot()
        + 1e-5)
    let mean = y.reduce(0.0) { $0 + Double($1) } / Double(count)
    #expect(abs(mean - 1) < 0.02)
  }

  /// With dropout the plain forms have no counterpart: instead, going back must use the masks of
  /// going forth.
  ///
  /// The layer is linear in its operand, so a finite difference is exact.
  @Test func derivativesUseTheSameMasks() throws {
    let packing = Packing(lengths: [5, 500], rowKeys: [3, 1])
    let dropout = try #require(DropoutKey(seed: 9, step: 2).dropout(probability: 0.4, site: 6))
    let width = 8
    let x = Tensor(random: [505, 3 * width], seed: 1)
    let cotangent = Tensor(random: [505, width], seed: 5)
    /// The result, and the gradient of the values with zeros for queries and keys.
    func run(_ x: Tensor) -> (Tensor, Tensor) {
      let tape = Tape(isRecording: true)
      let leaf = tape.leaf(x)
      let y = tape.attention(leaf, heads: 2, dropout: dropout, packing: packing)
      let back =
        tape.backward(
          from: y, gradient: cotangent, into: Gradients(), wanting: [leaf])[0]?.elements ?? []
      let ofValues = back.enumerated().map { $0.offset % (3 * width) < 2 * width ? 0 : $0.element }
      return (y.value, Tensor(ofValues, shape: x.shape))
    }
    let (before, gradient) = run(x)
    var moved = x
    moved.add(gradient)
    let (after, _) = run(moved)
    let difference = zip(zip(after.elements, before.elements), cotangent.elements)
      .reduce(0.0) { $0 + (Double($1.0.0) - Double($1.0.1)) * Double($1.1) }
    let predicted = gradient.sumOfSquares()
    #expect(abs(difference - predicted) < 1e-3 * max(1, abs(predicted)))
    #expect(predicted > 1)
  }
}
