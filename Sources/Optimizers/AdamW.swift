internal import CKernels
public import Tensors

/// AdamW: Adam with weight decay decoupled from the gradient (Loshchilov and Hutter, 2019).
///
///     p ← p - lr · decay · p
///     m ← β₁ m + (1 - β₁) g         v ← β₂ v + (1 - β₂) g²
///     p ← p - lr · (m / (1 - β₁ᵗ)) / (√v / √(1 - β₂ᵗ) + ε)
///
/// The defaults are PyTorch's and Hugging Face's, but for `weightDecay`: 0 as in
/// `TrainingArguments`, not 0.01 as in `torch.optim.AdamW`.
public final class AdamW {
  /// What does not change during a run.
  public struct Configuration: Hashable, Sendable {
    /// β₁, the decay of the first moment.
    public var beta1: Double
    /// β₂, the decay of the second moment.
    public var beta2: Double
    /// ε, added to the root of the second moment.
    public var epsilon: Double
    /// The decay of the weights in the decay group.
    public var weightDecay: Double

    /// Creates a configuration.
    ///
    /// - Parameters:
    ///   - beta1: The decay of the first moment.
    ///   - beta2: The decay of the second moment.
    ///   - epsilon: Added to the root of the second moment.
    ///   - weightDecay: The decay of the weights in the decay group.
    public init(
      beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0
    ) {
      self.beta1 = beta1
      self.beta2 = beta2
      self.epsilon = epsilon
      self.weightDecay = weightDecay
    }
  }

  /// The moments of one parameter, of its shape.
  public struct Moments: Sendable {
    /// m, `exp_avg` in PyTorch.
    public var first: Tensor
    /// v, `exp_avg_sq` in PyTorch.
    public var second: Tensor

    /// Creates moments.
    ///
    /// - Parameters:
    ///   - first: m.
    ///   - second: v.
    public init(first: Tensor, second: Tensor) {
      self.first = first
      self.second = second
    }
  }

  /// The configuration.
  public let configuration: Configuration
  /// The parameters, in the model's order.
  public let parameters: [Parameter]
  /// How many steps have been taken.
  public private(set) var stepCount = 0
  private var moments: [Moments?]
  /// Of a table of embeddings, which rows have ever been looked up; nil if that is not known.
  private var movedRows: [[Bool]?]

  /// Creates an optimizer that has taken no step.
  ///
  /// - Parameters:
  ///   - parameters: What it is to change.
  ///   - configuration: Its constants.
  public init(_ parameters: [Parameter], configuration: Configuration = .init()) {
    self.parameters = parameters
    self.configuration = configuration
    moments = Array(repeating: nil, count: parameters.count)
    movedRows = parameters.map { Array(repeating: false, count: $0.shape[0]) }
  }

  /// Takes one step.
  ///
  /// A parameter without any gradient is left as it is, without decay, as PyTorch does.
  ///
  /// - Parameters:
  ///   - gradients: The gradients.
  ///   - learningRate: The step's learning rate.
  ///   - gradientFactor: What the gradients are multiplied with first; see ``GradientClipping``.
  public func step(_ gradients: Gradients, learningRate: Double, gradientFactor: Double = 1) {
    stepCount += 1
    for (place, parameter) in parameters.enumerated() {
      let dense = gradients.dense(parameter)
      let rows = gradients.rows(parameter)
      guard dense != nil || rows != nil else { continue }
      var state = moments[place] ?? zeroMoments(of: parameter)
      moments[place] = nil  // so that the tensors are ours alone and change in place
      let kernel = kernelStep(for: parameter, learningRate: learningRate, gradientFactor)
      if let dense {
        movedRows[place] = nil
        update(parameter, &state, dense, kernel)
      }
      if let rows { update(parameter, &state, rows, kernel, at: place) }
      moments[place] = state
    }
  }

  /// The moments of a parameter; nil before its first step.
  ///
  /// - Parameter parameter: One of the optimizer's.
  /// - Returns: Its moments.
  public func moments(of parameter: Parameter) -> Moments? {
    parameters.firstIndex { $0 === parameter }.flatMap { moments[$0] }
  }

  /// What the moments take of the memory: those of a table only for rows that have been looked up.
  public var momentBytes: Int {
    zip(parameters, zip(moments, movedRows)).reduce(0) { sum, each in
      let (parameter, (moments, moved)) = each
      guard moments != nil else { return sum }
      let rows = moved.map { $0.count { $0 } } ?? parameter.shape[0]
      return sum + 2 * MemoryLayout<Float>.stride * parameter.value.count / parameter.shape[0]
        * rows
    }
  }

  /// Puts the optimizer where a saved one was.
  ///
  /// - Parameters:
  ///   - stepCount: How many steps it had taken.
  ///   - moments: The moments of each parameter, in the order of ``parameters``.
  public func restore(stepCount: Int, moments: [Moments?]) {
    precondition(
      moments.count == parameters.count,
      "AdamW: \(moments.count) moments for \(parameters.count) parameters")
    self.stepCount = stepCount
    self.moments = moments
    movedRows = moments.map { $0?.movedRows }
  }
}

extension AdamW.Moments {
  /// Which rows have a number that is not zero; they have been looked up.
  fileprivate var movedRows: [Bool] {
    let width = first.width
    return [Bool](unsafeUninitializedCapacity: first.rowCount) { rows, count in
      count = first.rowCount
      nonisolated(unsafe) let rows = rows.baseAddress
      WorkerPool.forEachBlock(of: count, size: 256) { block in
        for row in block {
          let range = row * width..<(row + 1) * width
          let isMoved = [first, second].contains { tensor in
            tensor.withElements { Self.isMoved(UnsafeBufferPointer(rebasing: $0[range])) }
          }
          (rows! + row).initialize(to: isMoved)
        }
      }
    }
  }

  private static func isMoved(_ row: UnsafeBufferPointer<Float>) -> Bool {
    // Mostly the first one tells; the loop over all has no way out, so that it takes several at once.
    guard let first = row.first, first == 0 else { return !row.isEmpty }
    return row.reduce(0) { $0 | $1.magnitude.bitPattern } != 0
  }
}

extension AdamW {
  /// Whether weight decay applies to a parameter: not to biases and normalisation layers.
  ///
  /// - Parameter name: The checkpoint's name.
  /// - Returns: Whether the name has none of `bias`, `layernorm`, `rmsnorm` and no part that is
  ///   `norm` or ends in `_norm`, upper and lower case alike: transformers 5's rule.
  public static func decays(_ name: String) -> Bool {
    let name = name.lowercased()
    if ["bias", "layernorm", "rmsnorm"].contains(where: name.contains) { return false }
    return !name.split(separator: ".").contains { $0 == "norm" || $0.hasSuffix("_norm") }
  }

  private func zeroMoments(of parameter: Parameter) -> Moments {
    Moments(first: Tensor(zeros: parameter.shape), second: Tensor(zeros: parameter.shape))
  }

  private func kernelStep(
    for parameter: Parameter, learningRate: Double, _ gradientFactor: Double
  ) -> kt_adamw_step {
    let correction1 = 1 - power(configuration.beta1, stepCount)
    let correction2 = 1 - power(configuration.beta2, stepCount)
    return kt_adamw_step(
      learning_rate: Float(learningRate), epsilon: Float(configuration.epsilon),
      weight_decay: Self.decays(parameter.name) ? Float(configuration.weightDecay) : 0,
      first_rate: Float(1 - configuration.beta1), beta2: Float(configuration.beta2),
      second_rate: Float(1 - configuration.beta2),
      gradient_factor: Float(gradientFactor), correction1: Float(correction1),
      correction2_root: Float(correction2.squareRoot()))
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }

  private func update(
    _ parameter: Parameter, _ state: inout Moments, _ gradient: Tensor, _ step: kt_adamw_step
  ) {
    let (m, v) = (state.first.mutablePointer(), state.second.mutablePointer())
    let g = gradient.pointer
    parameter.change { p in
      WorkerPool.forEachBlock(of: gradient.count, size: 16_384) { block in
        let at = block.lowerBound
        withUnsafePointer(to: step) { kt_adamw($0, block.count, g + at, p + at, m + at, v + at) }
      }
    }
  }

  /// Rows that were not looked up have a gradient of zero, but their moments fade and they move on.
  ///
  /// A row that never was looked up has moments of zero and does not move, but for its decay: its
  /// moments are neither read nor written, so that they take no memory.
  private func update(
    _ parameter: Parameter, _ state: inout Moments, _ gradient: RowGradient, _ step: kt_adamw_step,
    at place: Int
  ) {
    let (rowCount, width) = (parameter.shape[0], parameter.shape[1])
    var moved = movedRows[place] ?? Array(repeating: true, count: rowCount)
    movedRows[place] = nil  // so that it changes in place
    for row in gradient.rows { moved[Int(row)] = true }
    let (m, v) = (state.first.mutablePointer(), state.second.mutablePointer())
    let g = gradient.pointer
    parameter.change { p in
      WorkerPool.forEachBlock(of: rowCount, size: 64) { block in
        for row in block {
          let at = row * width
          let rowGradient = gradient.slot(of: row).map { g + $0 * width }
          withUnsafePointer(to: step) { step in
            if moved[row] {
              kt_adamw(step, width, rowGradient, p + at, m + at, v + at)
            } else if step.pointee.weight_decay != 0 {
              kt_adamw_decay(step, width, p + at)
            }
          }
        }
      }
    }
    movedRows[place] = moved
  }
}
