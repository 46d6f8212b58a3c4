import Foundation
import TestSupport
import Tensors
import Testing

/// Every op against its plain form in double, and its derivative against central differences.
///
/// The sizes are chosen so that vectors have tails, blocks are cut and sequences differ.
@Suite struct OpDerivativeTests {
  let packing = Packing(lengths: [3, 1, 5], rowKeys: [7, 2, 11])

  @Test(arguments: [(1, 1, 1), (9, 5, 7), (300, 3, 2), (4, 33, 17)])
  func linear(rows: Int, inputs: Int, outputs: Int) {
    for activation in [Activation.identity, .gelu] {
      expectDerivative(
        leaves: [Tensor(random: [rows, inputs], seed: 1)],
        parameters: [
          Tensor(random: [outputs, inputs], seed: 2), Tensor(random: [outputs], seed: 3),
        ],
        reference: { operands in
          let x = operands[0].map {
            activation == .gelu ? $0 * 0.5 * (1 + erf($0 / 2.0.squareRoot())) : $0
          }
          var y: [Double] = []
          for row in 0..<rows {
            for output in 0..<outputs {
              y.append(
                (0..<inputs).reduce(operands[2][output]) {
                  $0 + x[row * inputs + $1] * operands[1][output * inputs + $1]
                })
            }
          }
          return y
        }
      ) { tape, x, p in
        tape.linear(x[0], LinearWeights([(p[0], p[1])]), activation: activation)
      }
    }
  }

  @Test(arguments: [1, 6, 32, 37], [false, true])
  func layerNorm(width: Int, adding: Bool) {
    let leaves = [Tensor(random: [9, width], seed: 4), Tensor(random: [9, width], seed: 5)]
    expectDerivative(
      leaves: adding ? leaves : [leaves[0]],
      parameters: [Tensor(random: [width], seed: 6), Tensor(random: [width], seed: 7)],
      reference: { operands in
        let (weight, bias) = (operands[operands.count - 2], operands[operands.count - 1])
        var y: [Double] = []
        for row in 0..<9 {
          let v = (0..<width).map {
            operands[0][row * width + $0] + (adding ? operands[1][row * width + $0] : 0)
          }
          let mean = v.reduce(0, +) / Double(width)
          let variance = v.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
          y += (0..<width).map {
            (v[$0] - mean) / (variance + 0.01).squareRoot() * weight[$0] + bias[$0]
          }
        }
        return y
      }
    ) { tape, x, p in
      tape.layerNorm(
        x[0], adding: adding ? x[1] : nil, weight: p[0], bias: p[1], epsilon: 0.01,
        packing: packing)
    }
  }

  /// Two layers of different width over one input: what lies side by side, and who gets which part.
  @Test func layersSideBySide() {
    let (rows, inputs) = (9, 5)
    expectDerivative(
      leaves: [Tensor(random: [rows, inputs], seed: 1)],
      parameters: [
        Tensor(random: [3, inputs], seed: 2), Tensor(random: [3], seed: 3),
        Tensor(random: [4, inputs], seed: 4), Tensor(random: [4], seed: 5),
      ],
      reference: { operands in
        let (weight, bias) = (operands[1] + operands[3], operands[2] + operands[4])
        return (0..<rows * 7).map { (index: Int) -> Double in
          let (row, output) = (index / 7 * inputs, index % 7 * inputs)
          return (0..<inputs).reduce(bias[index % 7]) { (sum: Double, i: Int) -> Double in
            sum + operands[0][row + i] * weight[output + i]
          }
        }
      }
    ) { tape, x, p in tape.linear(x[0], LinearWeights([(p[0], p[1]), (p[2], p[3])])) }
  }

  /// One block of queries and keys, several of either.
  @Test(arguments: [[1], [2, 7], [130, 3]])
  func attention(lengths: [Int]) {
    let (heads, width) = (2, 4)
    let packing = Packing(lengths: lengths)
    expectDerivative(
      leaves: [Tensor(random: [packing.tokenCount, 3 * width], seed: 8, scale: 1.3)],
      reference: { plainAttention($0[0], heads: heads, width: width, packing: packing) }
    ) { tape, x, _ in tape.attention(x[0], heads: heads, dropout: nil, packing: packing) }
  }

  @Test(arguments: [PoolingMode.mean, .cls], [nil, [1, 0, 3]])
  func pooling(mode: PoolingMode, skipping: [Int]?) {
    expectDerivative(
      leaves: [Tensor(random: [9, 5], seed: 12)],
      reference: { operands in
        (0..<3).flatMap { sequence -> [Double] in
          let tokens = packing.tokens(of: sequence).dropFirst(skipping?[sequence] ?? 0)
          let counted = mode == .mean ? tokens : tokens.prefix(1)
          return (0..<5).map { column in
            counted.reduce(0.0) { $0 + operands[0][$1 * 5 + column] } / Double(counted.count)
          }
        }
      }
    ) { tape, x, _ in tape.pooling(x[0], mode: mode, packing: packing, skipping: skipping) }
  }

  @Test(arguments: [1, 4, 19])
  func normalize(width: Int) {
    expectDerivative(
      leaves: [Tensor(random: [70, width], seed: 13)],
      reference: { operands in
        (0..<70).flatMap { row -> [Double] in
          let x = operands[0][row * width..<(row + 1) * width]
          let norm = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
          return x.map { $0 / norm }
        }
      }
    ) { tape, x, _ in tape.normalize(x[0]) }
  }

  @Test func embedding() {
    let ids: [Int32] = [3, 0, 3, 3, 5, 1, 0, 3, 2]
    let places: [Int32] = [0, 1, 2, 0, 0, 1, 2, 3, 4]
    expectDerivative(
      leaves: [],
      parameters: [
        Tensor(random: [6, 4], seed: 14), Tensor(random: [5, 4], seed: 15),
        Tensor(random: [2, 4], seed: 16),
      ],
      reference: { operands in
        zip(ids, places).flatMap { id, place in
          (0..<4).map {
            operands[0][Int(id) * 4 + $0] + operands[1][Int(place) * 4 + $0] + operands[2][$0]
          }
        }
      }
    ) { tape, _, p in
      tape.embedding(ids: ids, places: places, words: p[0], positions: p[1], types: p[2])
    }
  }

  /// Beyond a block of keys central differences would take long: they are taken in three directions.
  @Test(arguments: 0..<3) func attentionOfALongSequence(part: Int) {
    let (length, width) = (900, 4)
    let packing = Packing(lengths: [length])
    let x = Tensor(random: [length, 3 * width], seed: 20)
    let tape = Tape(isRecording: true)
    let leaf = tape.leaf(x)
    let y = tape.attention(leaf, heads: 2, dropout: nil, packing: packing)
    let plain = { plainAttention($0, heads: 2, width: width, packing: packing) }
    let values = x.elements.map(Double.init)
    expectClose(y.value.elements, plain(values), relative: 1e-5, absolute: 2e-6)

    let cotangent = Tensor(random: y.value.shape, seed: 21)
    let back = tape.backward(
      from: y, gradient: cotangent, into: Gradients(), wanting: [leaf])[0]
    // A random direction in the queries, the keys or the values.
    let direction = Tensor(random: x.shape, seed: 22).elements.enumerated().map {
      (index: Int, value: Float) -> Double in
      index % (3 * width) / width == part ? Double(value) : 0
    }
    let weights = cotangent.elements.map(Double.init)
    let objective = { (step: Double) -> Double in
      let moved = values.indices.map { (i: Int) -> Double in values[i] + step * direction[i] }
      return zip(plain(moved), weights).reduce(0.0) { $0 + $1.0 * $1.1 }
    }
    let expected = (objective(1e-5) - objective(-1e-5)) / 2e-5
    let actual = zip(back?.elements ?? [], direction).reduce(0.0) { $0 + Double($1.0) * $1.1 }
    #expect(abs(actual - expected) <= 1e-4 * max(1, abs(expected)))
    #expect(abs(expected) > 0.1)
  }

  /// A residual: the gradient of the product is added to that of the sum where it lies.
  @Test func aVariableUsedTwiceGetsBothGradients() {
    expectDerivative(
      leaves: [Tensor(random: [9, 4], seed: 17)],
      parameters: [
        Tensor(random: [4], seed: 18), Tensor(random: [4], seed: 19),
        Tensor(random: [4, 4], seed: 23), Tensor(random: [4], seed: 24),
      ],
      reference: { operands in
        (0..<9).flatMap { (row: Int) -> [Double] in
          let x = Array(operands[0][row * 4..<row * 4 + 4])
          let v = (0..<4).map { (output: Int) -> Double in
            (0..<4).reduce(x[output] + operands[4][output]) { (sum: Double, i: Int) -> Double in
              sum + x[i] * operands[3][output * 4 + i]
            }
          }
          let mean = v.reduce(0, +) / 4
          let variance = v.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 4
          let deviation = (variance + 0.01).squareRoot()
          return (0..<4).map { (i: Int) -> Double in
            (v[i] - mean) / deviation * operands[1][i] + operands[2][i]
          }
        }
      }
    ) { tape, x, p in
      _ = tape.normalize(x[0])  // recorded, but the result does not depend on it
      return tape.layerNorm(
        x[0], adding: tape.linear(x[0], LinearWeights([(p[2], p[3])])), weight: p[0], bias: p[1],
        epsilon: 0.01, packing: packing)
    }
  }
}

/// Attention of queries, keys and values that lie side by side in each row of `qkv`.
private func plainAttention(
  _ qkv: [Double], heads: Int, width: Int, packing: Packing
) -> [Double] {
  let d = width / heads
  var y = [Double](repeating: 0, count: packing.tokenCount * width)
  for sequence in 0..<packing.sequenceCount {
    let tokens = packing.tokens(of: sequence)
    for head in 0..<heads {
      for query in tokens {
        let scores = tokens.map { (key: Int) -> Double in
          let (q, k) = (query * 3 * width + head * d, (key * 3 + 1) * width + head * d)
          let product = (0..<d).reduce(0.0) { (sum: Double, i: Int) -> Double in
            sum + qkv[q + i] * qkv[k + i]
          }
          return product / Double(d).squareRoot()
        }
        let largest = scores.max() ?? 0
        let exponentials = scores.map { exp($0 - largest) }
        let sum = exponentials.reduce(0, +)
        for (key, e) in zip(tokens, exponentials) {
          for column in head * d..<(head + 1) * d {
            y[query * width + column] += e / sum * qkv[(key * 3 + 2) * width + column]
          }
        }
      }
    }
  }
  return y
}
