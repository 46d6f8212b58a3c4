/// A record of the operations of one forward pass, for going back through it once.
///
/// Each op is a method here, in a file of its own with its derivative. An op computes its result,
/// keeps what its derivative needs, and records a closure that turns the gradient of the result
/// into the gradients of its operands. Going back frees what each op kept as soon as it is used, so
/// memory falls as the pass proceeds. A tape that does not record keeps nothing: inference is the
/// same code.
public final class Tape {
  /// Whether operations are recorded.
  public let isRecording: Bool
  /// How activations are stored, while the tape runs forward and for the way back.
  public let precision: ElementType
  private var records: [Record] = []
  private var variableCount = 0

  private struct Record {
    let result: Int
    let backward: (_ gradient: consuming Tensor, _ pass: inout BackwardPass) -> Void
  }

  /// Creates an empty tape.
  ///
  /// - Parameters:
  ///   - isRecording: False for a forward pass that nobody will go back through.
  ///   - precision: How activations are stored. With 16 bits, products of matrices are those of
  ///     16-bit numbers, summed in fp32; all else is computed in fp32 and rounded once.
  public init(isRecording: Bool, precision: ElementType = .fp32) {
    self.isRecording = isRecording
    self.precision = precision
  }

  /// Makes the result of an op.
  ///
  /// - Parameters:
  ///   - value: The result.
  ///   - kept: What later ops keep to have the value on the way back; nil for the value itself.
  ///   - backward: Hands on the gradient of the result; called at most once. It must hold tensors
  ///     and parameters only, never the tape.
  /// - Returns: The result as an operand for further ops.
  func record(
    _ value: Tensor, kept: KeptValue? = nil,
    backward: @escaping (_ gradient: consuming Tensor, _ pass: inout BackwardPass) -> Void
  ) -> Variable {
    guard isRecording else { return Variable(constant: value) }
    let id = variableCount
    variableCount += 1
    records.append(Record(result: id, backward: backward))
    return Variable(value: value, id: id, kept: kept)
  }

  /// A leaf whose gradient ``backward(from:gradient:into:wanting:)`` can return.
  ///
  /// - Parameter value: The leaf's value.
  /// - Returns: The leaf as an operand for ops.
  public func leaf(_ value: Tensor) -> Variable {
    guard isRecording else { return Variable(constant: value) }
    defer { variableCount += 1 }
    return Variable(value: value, id: variableCount)
  }

  /// Goes back from one result, and empties the tape.
  ///
  /// - Parameters:
  ///   - result: Where to start: a variable of this tape.
  ///   - gradient: The gradient of the loss with respect to `result`, of its shape.
  ///   - gradients: What the parameters' gradients are added to.
  ///   - leaves: Leaves whose gradients are wanted.
  /// - Returns: The gradients of `leaves`; nil for one that `result` does not depend on.
  @discardableResult
  public func backward(
    from result: Variable, gradient: Tensor, into gradients: Gradients,
    wanting leaves: [Variable] = []
  ) -> [Tensor?] {
    precondition(
      gradient.shape == result.value.shape,
      "Tape: a gradient of shape \(gradient.shape) for a result of \(result.value.shape)")
    guard let id = result.id else {
      preconditionFailure("Tape: the result was not recorded")
    }
    var pass = BackwardPass(parameters: gradients)
    pass.add(gradient, to: id)
    while let record = records.popLast() {
      guard let gradient = pass.take(record.result) else { continue }
      record.backward(consume gradient, &pass)  // an op may change it in place
    }
    return leaves.map { leaf in leaf.id.flatMap { pass.take($0) } }
  }
}

/// The gradients under way while a tape goes back.
struct BackwardPass {
  /// Where the parameters' gradients are summed.
  let parameters: Gradients
  private var variables: [Int: Tensor] = [:]

  init(parameters: Gradients) { self.parameters = parameters }

  /// Adds to the gradient of a variable.
  ///
  /// - Parameters:
  ///   - gradient: Of the variable's shape.
  ///   - id: The variable's number, which an op's closure keeps instead of the variable, lest it
  ///     keep the tensor, too; nil for a constant, for which nothing is done.
  mutating func add(_ gradient: consuming Tensor, to id: Int?) {
    guard let id else { return }
    guard var sum = variables.removeValue(forKey: id) else {
      variables[id] = gradient
      return
    }
    sum.add(gradient)
    variables[id] = sum
  }

  /// Lets `body` add to the gradient of a variable.
  ///
  /// - Parameters:
  ///   - shape: The variable's shape.
  ///   - id: The variable's number; nil for a constant, for which nothing is done.
  ///   - body: Gets the sum so far and what to add to a product that is written there.
  mutating func accumulate(
    _ shape: [Int], to id: Int?,
    _ body: (UnsafeMutablePointer<Float>, PackedProduct.Addend) -> Void
  ) {
    guard let id else { return }
    guard var sum = variables.removeValue(forKey: id)?.expanded() else {
      variables[id] = Tensor(shape) { body($0, .nothing) }
      return
    }
    body(sum.mutablePointer(), .result(times: 1))
    variables[id] = sum
  }

  /// The finished gradient of a variable, which is this caller's alone from then on.
  mutating func take(_ id: Int) -> Tensor? { variables.removeValue(forKey: id) }
}
