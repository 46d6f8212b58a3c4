internal import CKernels

/// The gradients of a model's parameters: sums that backward passes add to.
///
/// A table of embeddings gets a ``RowGradient``, which knows only the rows that were looked up; any
/// other parameter a tensor of its shape.
public final class Gradients {
  private var dense: [Int: Tensor] = [:]
  private var rows: [Int: RowGradient] = [:]
  /// Told of a parameter whenever something was added to its gradient, other than rows.
  package var didAdd: ((Parameter) -> Void)?

  /// Creates gradients of zero.
  public init() {}

  /// The gradient of a parameter; nil if nothing was added to it, or only rows were.
  public func dense(_ parameter: Parameter) -> Tensor? { dense[parameter.index] }

  /// The gradient of a table of embeddings; nil if nothing was added to it.
  public func rows(_ parameter: Parameter) -> RowGradient? { rows[parameter.index] }

  /// The gradient of a parameter in full, rows that were not looked up as zeros; nil if there is
  /// none at all.
  ///
  /// - Parameter parameter: The parameter.
  /// - Returns: A tensor of the parameter's shape.
  public func full(_ parameter: Parameter) -> Tensor? {
    dense(parameter) ?? rows(parameter)?.full(shape: parameter.shape)
  }

  /// The sum of a parameter's gradient so far, and what to multiply it with before adding: 0 at the
  /// first time, when the elements are undefined, then 1.
  typealias Sum = (sum: UnsafeMutablePointer<Float>, beta: Float)

  /// Lets `body` add to the gradients of several parameters at once.
  ///
  /// - Parameters:
  ///   - parameters: Whose gradients, each once.
  ///   - body: Gets the sum of each.
  func accumulate(_ parameters: [Parameter], _ body: ([Sum]) -> Void) {
    let betas: [Float] = parameters.map { dense[$0.index] == nil ? 0 : 1 }
    var tensors = parameters.map { parameter in
      dense.removeValue(forKey: parameter.index) ?? Tensor(parameter.shape) { _ in }
    }
    body(tensors.indices.map { (tensors[$0].mutablePointer(), betas[$0]) })
    for (parameter, tensor) in zip(parameters, tensors) { dense[parameter.index] = tensor }
    for parameter in parameters { didAdd?(parameter) }
  }

  /// Adds a tensor to the gradient of a parameter.
  ///
  /// - Parameters:
  ///   - gradient: As many elements as the parameter has.
  ///   - parameter: The parameter.
  package func add(_ gradient: Tensor, to parameter: Parameter) {
    precondition(
      gradient.count == parameter.value.count,
      "Gradients: \(gradient.shape) for \(parameter.name) of \(parameter.shape)")
    accumulate([parameter]) { results in
      let (sum, beta) = results[0]
      if beta == 0 {
        sum.update(from: gradient.pointer, count: gradient.count)
      } else {
        kt_add(gradient.count, gradient.pointer, sum)
      }
    }
  }

  /// Lets `body` change the gradient of a parameter, which becomes zeros first if there is none.
  ///
  /// - Parameters:
  ///   - parameter: The parameter.
  ///   - body: Gets as many elements as the parameter has.
  /// - Returns: What `body` returns.
  package func change<Result>(
    _ parameter: Parameter, _ body: (UnsafeMutablePointer<Float>) throws -> Result
  ) rethrows -> Result {
    var gradient =
      dense.removeValue(forKey: parameter.index) ?? Tensor(repeating: 0, shape: parameter.shape)
    defer { dense[parameter.index] = gradient }
    return try body(gradient.mutablePointer())
  }

  /// Replaces the gradient of a table of embeddings.
  package func setRows(_ gradient: RowGradient, of parameter: Parameter) {
    rows[parameter.index] = gradient
  }

  /// The sum of rows of a table of embeddings, to add to.
  func rowGradient(of parameter: Parameter) -> RowGradient {
    if let found = rows[parameter.index] { return found }
    let made = RowGradient(rowCount: parameter.shape[0], width: parameter.shape[1])
    rows[parameter.index] = made
    return made
  }

  /// The Euclidean norm of all gradients together, summed in double in the order of `parameters`.
  ///
  /// - Parameter parameters: Whose gradients count; one without any counts as zero.
  /// - Returns: The norm. Not a number or infinite if a gradient is.
  public func norm(of parameters: [Parameter]) -> Double {
    var sum = 0.0
    for parameter in parameters {
      if let gradient = dense(parameter) { sum += gradient.sumOfSquares() }
      if let gradient = rows(parameter) { sum += gradient.sumOfSquares() }
    }
    return sum.squareRoot()
  }
}

/// The gradient of a table of embeddings: values for the rows that were looked up, zero elsewhere.
public final class RowGradient {
  /// The rows that were looked up, in the order of their first use.
  public private(set) var rows: [Int32] = []
  private var slots: [Int32]
  private var storage: Tensor
  private let width: Int

  init(rowCount: Int, width: Int) {
    slots = Array(repeating: -1, count: rowCount)
    storage = Tensor(repeating: 0, shape: [0, width])
    self.width = width
  }

  /// Creates a gradient of some rows.
  ///
  /// - Parameters:
  ///   - rows: The rows of the table, each once.
  ///   - values: `[rows.count, width]`.
  ///   - parameter: The table.
  package convenience init(_ rows: [Int32], values: Tensor, of parameter: Parameter) {
    self.init(rowCount: parameter.shape[0], width: parameter.shape[1])
    for (slot, row) in rows.enumerated() { slots[Int(row)] = Int32(slot) }
    (self.rows, storage) = (rows, values)
  }

  /// The values of `rows`: `[rows.count, width]`.
  public var values: Tensor {
    Tensor([rows.count, width]) { $0.update(from: storage.pointer, count: rows.count * width) }
  }

  /// Where a row of the table stands in `values`; nil if its gradient is zero.
  package func slot(of row: Int) -> Int? { slots[row] < 0 ? nil : Int(slots[row]) }

  /// The values' first element; see `slot(of:)`.
  package var pointer: UnsafePointer<Float> { storage.pointer }

  func sumOfSquares() -> Double {
    Tensors.sumOfSquares(storage.pointer, count: rows.count * width)
  }

  /// The gradient as a tensor of the table's shape.
  func full(shape: [Int]) -> Tensor {
    var result = Tensor(repeating: 0, shape: shape)
    let target = result.mutablePointer()
    for (slot, row) in rows.enumerated() {
      (target + Int(row) * width).update(from: storage.pointer + slot * width, count: width)
    }
    return result
  }

  /// Lets `body` add to each of the given rows, on all threads.
  ///
  /// - Parameters:
  ///   - added: Rows of the table, each once.
  ///   - body: Gets an index into `added` and that row's sum so far.
  func accumulate(_ added: [Int32], _ body: (Int, UnsafeMutablePointer<Float>) -> Void) {
    for row in added where slots[Int(row)] < 0 {
      slots[Int(row)] = Int32(rows.count)
      rows.append(row)
    }
    if storage.rowCount < rows.count { grow() }
    let base = storage.mutablePointer()
    WorkerPool.forEachBlock(of: added.count, size: 64) { block in
      for index in block { body(index, base + Int(slots[Int(added[index])]) * width) }
    }
  }

  private func grow() {
    let old = storage
    let rowCount = max(rows.count, old.rowCount * 3 / 2)
    storage = Tensor([rowCount, width]) { pointer in
      pointer.update(from: old.pointer, count: old.count)
      (pointer + old.count).initialize(repeating: 0, count: rowCount * width - old.count)
    }
  }
}
