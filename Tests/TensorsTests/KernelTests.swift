import CKernels
import Foundation
import TestSupport
import Tensors
import Testing

/// Kernels against the C library in double.
@Suite struct KernelTests {
  static let points: [Float] = (-4000...4000).map { Float($0) / 400 } + [0, -0.0, 1e-8, -30, 30]

  @Test func geluIsExact() {
    var y = Self.points
    kt_gelu(y.count, Self.points, &y)
    let expected = Self.points.map { Double($0) * 0.5 * (1 + erf(Double($0) / 2.0.squareRoot())) }
    expectClose(y, expected, relative: 2e-7, absolute: 5e-7)
  }

  /// Both results of the fused form, in every element type that it reads and writes.
  @Test(arguments: ElementType.allCases, ElementType.allCases)
  func geluGradientIsExact(element: ElementType, gradientElement: ElementType) {
    let x = Elements(Self.points, as: element)
    let g = Self.points.indices.map { Float($0 % 7) - 2.5 }
    var (y, dx) = (Elements(g, as: element), Elements(g, as: gradientElement))
    x.bytes.withUnsafeBytes { x in
      y.bytes.withUnsafeMutableBytes { y in
        dx.bytes.withUnsafeMutableBytes { dx in
          kt_gelu_gradient(
            g.count, g, x.baseAddress, y.baseAddress, element.inKernels, dx.baseAddress,
            gradientElement.inKernels)
        }
      }
    }
    let points = x.values.map(Double.init)
    let cumulative = points.map { (x: Double) -> Double in 0.5 * (1 + erf(x / 2.0.squareRoot())) }
    let products = points.indices.map { points[$0] * cumulative[$0] }
    expectClose(
      y.values, products, relative: 2e-7 + element.halfLastPlace, absolute: 5e-7)
    let expected = points.indices.map { i -> Double in
      let density: Double = exp(-points[i] * points[i] / 2) / (2 * Double.pi).squareRoot()
      return Double(g[i]) * (cumulative[i] + points[i] * density)
    }
    expectClose(
      dx.values, expected, relative: 5e-7 + gradientElement.halfLastPlace, absolute: 2e-6)
  }

  /// The softmax of a row that comes in parts, and its derivative, against the whole row in double.
  @Test(arguments: [[1], [5], [16, 17], [63, 1, 200]], [false, true])
  func softmax(parts: [Int], isMasked: Bool) {
    let count = parts.reduce(0, +)
    let scores = (0..<count).map { (i: Int) -> Float in
      Float((i * 37) % 29) * 3 - 40 + Float(i) * 0.05
    }
    let gradient = (0..<count).map { (i: Int) -> Float in Float((i * 11) % 7) - 3 }
    let mask = (0..<count).map { (i: Int) -> Float in isMasked ? Float(i % 3) * 0.75 : 1 }
    let largest = Double(scores.max() ?? 0)
    let total = scores.reduce(0.0) { $0 + exp(Double($1) - largest) }
    let probabilities = scores.map { exp(Double($0) - largest) / total }

    var (p, top, sum, first): ([Float], Float, Float, Int) = (scores, -.infinity, 0, 0)
    for part in parts {
      let factor = p.withUnsafeMutableBufferPointer {
        kt_softmax_part(part, $0.baseAddress! + first, &top, &sum)
      }
      for index in 0..<first { p[index] *= factor }
      first += part
    }
    expectClose(p.map { $0 / sum }, probabilities, relative: 3e-6, absolute: 1e-12)
    let logSum = top + log(sum)
    expectClose([logSum], [largest + log(total)], relative: 1e-6, absolute: 1e-6)

    let inner = (0..<count).reduce(0.0) { (sum: Double, i: Int) -> Double in
      sum + Double(gradient[i] * mask[i]) * probabilities[i]
    }
    var (again, back) = (scores, gradient)
    kt_softmax_backward(count, &again, isMasked ? mask : nil, logSum, Float(inner), &back)
    expectClose(
      again, zip(probabilities, mask).map { $0 * Double($1) }, relative: 2e-5, absolute: 1e-12)
    let expected = (0..<count).map { (i: Int) -> Double in
      probabilities[i] * (Double(mask[i] * gradient[i]) - inner)
    }
    expectClose(back, expected, relative: 2e-5, absolute: 1e-6)
  }

  @Test(arguments: ElementType.allCases, [0, 1, 5, 9])
  func rowsAreAdded(element: ElementType, rows: Int) {
    let (width, stride) = (515, 520)
    let values = (0..<rows * stride).map { Float(($0 * 13) % 31) / 8 - 1.5 }
    let x = Elements(values, as: element)  // exact in all types
    var sum = (0..<width).map { Float($0 % 5) }
    let expected = sum.indices.map { column in
      (0..<rows).reduce(Double(sum[column])) { $0 + Double(values[$1 * stride + column]) }
    }
    x.bytes.withUnsafeBytes {
      kt_add_rows(rows, width, stride, $0.baseAddress, element.inKernels, &sum)
    }
    expectClose(sum, expected, relative: 1e-6, absolute: 1e-6)
  }

  @Test func thePoolDoesEveryPieceOnce() {
    for count in [0, 1, 2, 1000] {
      var counts = [Int32](repeating: 0, count: count)
      counts.withUnsafeMutableBufferPointer { counts in
        let base = counts.baseAddress
        WorkerPool.forEach(count) { index in
          WorkerPool.forEach(3) { _ in base?[index] += 1 }  // nested: on its own thread
        }
      }
      #expect(counts.allSatisfy { $0 == 3 })
    }
  }

  @Test func resultsDoNotDependOnTheNumberOfThreads() {
    let x = Tensor(random: [1000, 48], seed: 1)
    let weight = Parameter(name: "w", index: 0, value: Tensor(random: [64, 48], seed: 2))
    let bias = Parameter(name: "b", index: 1, value: Tensor(random: [64], seed: 3))
    func run(threads: Int) -> [[Float]] {
      WorkerPool.setThreadCount(threads)
      let tape = Tape(isRecording: true)
      let leaf = tape.leaf(x)
      let y = tape.linear(leaf, LinearWeights([(weight, bias)]), activation: .gelu)
      let gradients = Gradients()
      let dx = tape.backward(from: y, gradient: y.value, into: gradients, wanting: [leaf])
      return [
        y.value.elements, dx[0]?.elements ?? [], gradients.full(weight)?.elements ?? [],
        gradients.full(bias)?.elements ?? [], [Float(gradients.norm(of: [weight, bias]))],
      ]
    }
    let one = run(threads: 1)
    #expect(run(threads: 2) == one)
    #expect(run(threads: 3) == one)
    WorkerPool.setThreadCount(0)
  }
}
