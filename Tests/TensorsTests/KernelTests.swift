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

  @Test func geluDerivativeIsExact() {
    var g = [Float](repeating: 1, count: Self.points.count)
    kt_gelu_backward(g.count, Self.points, &g)
    let expected = Self.points.map { point -> Double in
      let x = Double(point)
      return 0.5 * (1 + erf(x / 2.0.squareRoot())) + x * exp(-x * x / 2)
        / (2 * Double.pi).squareRoot()
    }
    expectClose(g, expected, relative: 2e-7, absolute: 5e-7)
  }

  @Test(arguments: [1, 5, 16, 17, 63, 200])
  func softmax(count: Int) {
    let scores = (0..<count).map { Float(($0 * 37) % 29) * 3 - 40 }
    var p = scores
    var top: Float = 0
    let logSum = kt_softmax(count, &p, &top) + top
    let largest = Double(scores.max() ?? 0)
    let sum = scores.reduce(0.0) { $0 + exp(Double($1) - largest) }
    expectClose(p, scores.map { exp(Double($0) - largest) / sum }, relative: 2e-6, absolute: 1e-12)
    expectClose([logSum], [largest + log(sum)], relative: 1e-6, absolute: 1e-6)
    var again = scores
    kt_softmax_again(count, logSum, &again)
    expectClose(again, p.map(Double.init), relative: 2e-5, absolute: 1e-12)
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
      let y = tape.linear(leaf, weight: weight, bias: bias, activation: .gelu)
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
