internal import CKernels

/// What all dropout of one training step depends on besides the place in the network.
public struct DropoutKey: Hashable, Sendable {
  /// The run's seed.
  public let seed: UInt64
  /// The training step, from 0.
  public let step: UInt64

  /// Creates the key of one step.
  ///
  /// - Parameters:
  ///   - seed: The run's seed.
  ///   - step: The training step.
  public init(seed: UInt64, step: UInt64) {
    self.seed = seed
    self.step = step
  }

  /// The dropout of one place in the network.
  ///
  /// - Parameters:
  ///   - probability: The share of elements that become 0, in `0..<1`; kept to 1/65536.
  ///   - site: A number that no other place in the network has.
  /// - Returns: The dropout; nil if the probability is 0.
  public func dropout(probability: Double, site: Int) -> Dropout? {
    precondition((0..<1).contains(probability), "dropout: probability \(probability)")
    let threshold = UInt32((probability * 65536).rounded())
    guard threshold > 0 else { return nil }
    var key = seed
    for part in [step, UInt64(site)] { key = Self.mix(key &+ 0x9E37_79B9_7F4A_7C15 &* (part &+ 1)) }
    return Dropout(
      kernel: kt_dropout(
        key: key, threshold: threshold, scale: Float(1 / (1 - Double(threshold) / 65536))))
  }

  /// The finalizer of SplitMix64 (Steele et al., 2014): a bijection whose every output bit depends
  /// on every input bit.
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// The dropout of one place in the network at one step.
///
/// It is a function from coordinates to 0 or 1 / (1 - p), not a stream of numbers. So a mask can be
/// computed again at any time, in any mini-batch and on any thread.
public struct Dropout: Sendable {
  fileprivate let kernel: kt_dropout

  /// Writes the mask of one vector, or a part of it.
  ///
  /// - Parameters:
  ///   - rowKey: The sequence.
  ///   - position: The token's place in its sequence.
  ///   - head: The attention head; 0 elsewhere.
  ///   - first: The first element, a multiple of 128.
  ///   - count: How many elements are wanted.
  ///   - target: Where they go.
  func writeMask(
    rowKey: UInt32, position: UInt32, head: UInt32 = 0, first: Int = 0,
    count: Int,
    to target: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: kernel) { kernel in
      kt_dropout_mask(kernel, rowKey, position, head, first, count, target)
    }
  }
}

extension Dropout {
  /// Multiplies a vector, or a part of one, with its mask; see ``writeMask(rowKey:position:head:first:count:to:)``.
  ///
  /// - Parameters:
  ///   - rowKey: The sequence.
  ///   - position: The token's place in its sequence.
  ///   - head: The attention head; 0 elsewhere.
  ///   - first: The first element, a multiple of 128.
  ///   - count: How many elements there are.
  ///   - values: The elements.
  ///   - target: Where the products go; it may be where the elements are.
  func apply(
    rowKey: UInt32, position: UInt32, head: UInt32 = 0, first: Int = 0, count: Int,
    to values: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: kernel) { kernel in
      kt_dropout_apply(kernel, rowKey, position, head, first, count, values, target)
    }
  }
}

extension Tape {
  /// Dropout: y = mask ∘ x, with a mask of 0 and 1 / (1 - p).
  ///
  /// - Parameters:
  ///   - x: `[tokens, width]`.
  ///   - dropout: The place; nil returns `x` itself.
  ///   - packing: Which sequence and position each token has.
  /// - Returns: `[tokens, width]`.
  ///
  /// Derivative: ∂x = mask ∘ g.
  public func dropout(_ x: Variable, _ dropout: Dropout?, packing: Packing) -> Variable {
    guard let dropout else { return x }
    let xID = x.id
    return record(dropout.applied(to: x.value, packing: packing)) { gradient, pass in
      pass.add(dropout.applied(to: gradient, packing: packing), to: xID)
    }
  }
}

extension Dropout {
  /// mask ∘ x for `[tokens, width]`.
  func applied(to x: Tensor, packing: Packing) -> Tensor {
    let width = x.width
    precondition(
      x.rowCount == packing.tokenCount, "dropout: \(x.shape), \(packing.tokenCount) tokens")
    return Tensor(x.shape, as: x.element) { writer in
      WorkerPool.forEachBlock(of: x.rowCount, size: tokenBlock) { block in
        let range = block.lowerBound * width..<block.upperBound * width
        x.withFloats(range) { source in
          writer.write(range) { y in
            packing.forEachToken(in: block) { token, rowKey, position in
              let start = (token - block.lowerBound) * width
              apply(
                rowKey: rowKey, position: position, count: width, to: source + start,
                into: y + start)
            }
          }
        }
      }
    }
  }
}

/// How many tokens a thread takes at a time where an op goes token by token.
let tokenBlock = 64
