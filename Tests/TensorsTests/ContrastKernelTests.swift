import CKernels
import Foundation
import TestSupport
import Tensors
import Testing

/// The kernels of the losses against the C library in double and against their plain form.
@Suite struct ContrastKernelTests {
  @Test(arguments: [1, 5, 17, 511, 1300])
  func softmaxGradient(count: Int) {
    var scores = (0..<count).map { Float(($0 * 37) % 29) * 3 - 40 }
    if count > 5 { for index in [0, 2, count - 1] { scores[index] = -.infinity } }
    var gradient = scores
    var largest: Float = 0
    let logSum = kt_softmax_gradient(count, -0.25, &gradient, &largest)
    #expect(largest == scores.max())
    let sum = scores.reduce(0.0) { $0 + exp(Double($1) - Double(largest)) }
    expectClose([logSum], [log(sum)], relative: 1e-6, absolute: 1e-7)
    expectClose(
      gradient, scores.map { -0.25 * exp(Double($0) - Double(largest)) / sum }, relative: 1e-6,
      absolute: 1e-12)
  }

  /// A score that all but wins: its loss is small, and is not rounded to nothing.
  @Test func aSmallLogSumKeepsItsDigits() {
    var scores: [Float] = [0, -20]
    var largest: Float = 0
    let logSum = kt_softmax_gradient(2, 1, &scores, &largest)
    expectClose([logSum], [log1p(exp(-20.0))], relative: 2e-7, absolute: 0)
  }

  /// Rows on a grid, so that many inner products tie with the threshold: the mask is the one of
  /// inner products that are each computed alone, however far off the given ones are by rounding.
  @Test(arguments: [3, 64, 385])
  func maskAbove(width: Int) {
    var generator = SplitMix(seed: 9)
    let rows = 700
    let units = Tensor(
      (0..<(rows + 1) * width).map { _ in Float(Int.random(in: -1...1, using: &generator)) },
      shape: [rows + 1, width]
    ).normalizedRows().rows
    units.withElements { units in
      guard let left = units.baseAddress else { return }
      let candidates = left + width
      for threshold in [kt_dot(width, left, candidates), 0, 0.05] {
        let doubt = Float(width) * 0x1p-24
        let given = (0..<rows).map { row in
          kt_dot(width, left, candidates + row * width)
            + Float.random(in: -doubt...doubt, using: &generator)
        }
        var found = [Float](repeating: 1, count: rows)
        kt_mask_above(rows, width, left, candidates, threshold, given, &found)
        var expected = [Float](repeating: 1, count: rows)
        kt_mask_above_plain(rows, width, left, candidates, threshold, &expected)
        #expect(found == expected)
        #expect(found.contains(1) && found.contains(-.infinity))
      }
    }
  }
}
