internal import Dispatch
internal import Synchronization
public import Tensors

/// The sum over all ranks of the gradients of one step, which may begin while some are still being
/// computed.
///
/// Gradients that are final are gathered to buckets, and these are summed one after another by a
/// thread of their own; what is left is summed by ``finish()``. Which gradients share a bucket does
/// not change their sums, the same bits on each rank.
public final class GradientSum {
  private let ranks: RankGroup
  private let gradients: Gradients
  private let parameters: [Parameter]
  private var isReady: Set<Int> = []
  private var open: [Parameter] = []
  private var closed: [Bucket] = []
  private let queue = DispatchQueue(label: "gradients")
  private let fault = Fault()

  /// How many elements are gathered before they are sent: 16 MiB, so that a message is long enough
  /// for its bytes, not its number, to count.
  private static let bucketElements = 4 << 20

  /// The first error that summing met.
  private final class Fault: Sendable {
    private let error = Mutex<(any Error)?>(nil)

    var isThere: Bool { error.withLock { $0 != nil } }

    func set(_ error: any Error) { self.error.withLock { $0 = $0 ?? error } }

    func rethrow() throws {
      if let error = error.withLock({ $0 }) { throw error }
    }
  }

  /// Gradients, copied one after another, which the thread changes that sums them while nobody looks.
  private final class Bucket: @unchecked Sendable {
    private let parameters: [Parameter]
    private var elements: Tensor

    init(_ parameters: [Parameter], of gradients: Gradients) {
      self.parameters = parameters
      elements = Tensor([size(of: parameters)]) { _ in }
      forEachPart(gradients) { part, gradient, count in part.update(from: gradient, count: count) }
    }

    func sum(_ ranks: RankGroup) throws {
      try ranks.sum(elements.mutablePointer(), count: elements.count)
    }

    func copy(to gradients: Gradients) {
      forEachPart(gradients) { part, gradient, count in gradient.update(from: part, count: count) }
    }

    private func forEachPart(
      _ gradients: Gradients,
      _ body: (_ part: UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, _ count: Int) ->
        Void
    ) {
      var part = elements.mutablePointer()
      for parameter in parameters {
        gradients.change(parameter) { body(part, $0, parameter.value.count) }
        part += parameter.value.count
      }
    }
  }

  /// Creates a sum of which nothing is known yet.
  ///
  /// - Parameters:
  ///   - ranks: The processes.
  ///   - gradients: This one's gradients, which become the sums.
  ///   - parameters: Whose they are, in one order on all ranks.
  public init(_ ranks: RankGroup, _ gradients: Gradients, of parameters: [Parameter]) {
    (self.ranks, self.gradients, self.parameters) = (ranks, gradients, parameters)
  }

  /// A parameter's gradient is final: nothing more will be added to it.
  ///
  /// All ranks say so, of the same parameters in the same order, and call nothing else of the group
  /// until ``finish()``.
  ///
  /// - Parameter parameter: One with a gradient that is not of rows alone; each at most once.
  public func ready(_ parameter: Parameter) {
    precondition(
      isReady.insert(parameter.index).inserted, "GradientSum: \(parameter.name) was final before")
    open.append(parameter)
    if size(of: open) >= Self.bucketElements { close() }
  }

  /// Sums the open bucket in the background.
  private func close() {
    guard !open.isEmpty else { return }
    let bucket = Bucket(open, of: gradients)
    closed.append(bucket)
    open = []
    queue.async { [ranks, fault] in
      guard !fault.isThere else { return }
      do { try bucket.sum(ranks) } catch { fault.set(error) }
    }
  }

  /// Waits for what is being summed and sums the rest.
  ///
  /// - Throws: ``RankError``.
  public func finish() throws {
    queue.sync {}
    try fault.rethrow()
    // A rank without a text has no gradient at all; rank 0 always has one.
    var kinds = parameters.map { parameter -> UInt8 in
      (gradients.dense(parameter) == nil ? 0 : 1) | (gradients.rows(parameter) == nil ? 0 : 2)
    }
    try kinds.withUnsafeMutableBytes { try ranks.broadcast($0) }
    for (parameter, kind) in zip(parameters, kinds) {
      if kind & 2 != 0 { try sumRows(of: parameter) }
      if kind & 1 != 0, !isReady.contains(parameter.index) { ready(parameter) }
    }
    close()
    queue.sync {}
    try fault.rethrow()
    for bucket in closed { bucket.copy(to: gradients) }
    closed = []
  }

  /// Of a table of embeddings only those rows are sent that some rank has looked up.
  private func sumRows(of parameter: Parameter) throws {
    queue.sync {}  // one thread at a time
    let own = gradients.rows(parameter)
    let rows = try ranks.union(own?.rows ?? [])
    let width = parameter.shape[1]
    var values = Tensor([rows.count, width]) { target in
      for (place, row) in rows.enumerated() {
        if let own, let slot = own.slot(of: Int(row)) {
          (target + place * width).update(from: own.pointer + slot * width, count: width)
        } else {
          (target + place * width).initialize(repeating: 0, count: width)
        }
      }
    }
    try ranks.sum(values.mutablePointer(), count: values.count)
    gradients.setRows(RowGradient(rows, values: values, of: parameter), of: parameter)
  }
}

/// How many elements gradients have.
private func size(of parameters: [Parameter]) -> Int {
  parameters.reduce(0) { $0 + $1.value.count }
}

extension RankGroup {
  /// The numbers that any rank has, each once: rank 0's in its order, then what rank 1 has beyond
  /// them, ….
  fileprivate func union(_ own: [Int32]) throws -> [Int32] {
    let counts = try gather(Double(own.count)).map { Int($0) }
    var all = [Float](repeating: 0, count: counts.reduce(0, +))
    // Bits travel as they are, whatever they are called; one more so that there is an address.
    let bits = own.map { Float(bitPattern: UInt32(bitPattern: $0)) } + [0]
    try bits.withUnsafeBufferPointer { bits in
      try all.withUnsafeMutableBufferPointer { all in
        guard let target = all.baseAddress else { return }
        try gather(bits.baseAddress!, counts: counts, to: target)
      }
    }
    var seen: Set<Int32> = []
    return all.map { Int32(bitPattern: $0.bitPattern) }.filter { seen.insert($0).inserted }
  }
}
