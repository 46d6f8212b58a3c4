/// A dense array of numbers in row-major order: a value, copied when a shared one is changed.
///
/// The numbers are `Float`, but for the activations of a mixed-precision step, which are stored in 16
/// bits and read by ``withFloats(_:_:)``, a block at a time.
public struct Tensor: Sendable {
  /// The extents, outermost first.
  ///
  /// Empty for a scalar, which has one element.
  public let shape: [Int]
  private var storage: Storage

  /// How many elements there are.
  public let count: Int
  /// How the elements are stored.
  package let element: ElementType

  /// Creates a tensor whose elements `initialize` writes.
  ///
  /// - Parameters:
  ///   - shape: The extents, none negative.
  ///   - initialize: Must write every element.
  public init(_ shape: [Int], initialize: (UnsafeMutablePointer<Float>) -> Void) {
    precondition(shape.allSatisfy { $0 >= 0 }, "Tensor: shape \(shape)")
    self.shape = shape
    count = shape.reduce(1, *)
    element = .fp32
    storage = Storage(byteCount: count * MemoryLayout<Float>.stride)
    initialize(storage.base.assumingMemoryBound(to: Float.self))
  }

  /// Creates a tensor of the elements given.
  ///
  /// - Parameters:
  ///   - elements: The elements in row-major order, as many as the shape says.
  ///   - shape: The extents.
  public init(_ elements: some Collection<Float>, shape: [Int]) {
    precondition(
      elements.count == shape.reduce(1, *),
      "Tensor: \(elements.count) elements do not fill shape \(shape)")
    self.init(shape) { pointer in
      _ = UnsafeMutableBufferPointer(start: pointer, count: elements.count)
        .initialize(fromContentsOf: elements)
    }
  }

  /// Creates a tensor of equal elements.
  ///
  /// - Parameters:
  ///   - value: Every element.
  ///   - shape: The extents.
  public init(repeating value: Float, shape: [Int]) {
    self.init(shape) { $0.initialize(repeating: value, count: shape.reduce(1, *)) }
  }
}

extension Tensor {
  /// Creates a tensor of zeros that takes memory only where it is written.
  ///
  /// - Parameter shape: The extents, none negative.
  public init(zeros shape: [Int]) {
    let count = shape.reduce(1, *)
    self.init(
      shape: shape, storage: Storage(zeroedByteCount: count * MemoryLayout<Float>.stride),
      count: count, element: .fp32)
  }

  /// Writes bytes where all is zero still: pages of zeros are left out, so that they take no memory.
  ///
  /// - Parameters:
  ///   - bytes: Single-precision numbers in row-major order.
  ///   - offset: Where they begin, in bytes, a multiple of a page.
  /// - Precondition: The tensor is one of zeros that nobody has changed there, nor shares.
  package mutating func writeNonzero(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) {
    precondition(
      offset % 4096 == 0 && offset + bytes.count <= count * MemoryLayout<Float>.stride,
      "Tensor: \(bytes.count) bytes at \(offset) do not fit shape \(shape)")
    storage.fill(from: bytes, at: offset)
  }

  /// The extent of the last axis; 1 for a scalar.
  public var width: Int { shape.last ?? 1 }

  /// How many rows of `width` elements there are.
  public var rowCount: Int { shape.dropLast().reduce(1, *) }

  /// The elements in row-major order.
  public var elements: [Float] { withElements { Array($0) } }

  /// Lets `body` read the elements.
  ///
  /// - Parameter body: Must not keep the buffer.
  /// - Returns: What `body` returns.
  public func withElements<Result>(
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    guard element == .fp32 else { return try expanded().withElements(body) }
    return try body(UnsafeBufferPointer(start: pointer, count: count))
  }

  /// Lets `body` change the elements, after a copy if another tensor shares them.
  ///
  /// - Parameter body: Must not keep the buffer.
  /// - Returns: What `body` returns.
  public mutating func withMutableElements<Result>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    let pointer = mutablePointer()
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeMutableBufferPointer(start: pointer, count: count))
  }

  /// The same elements in another shape of as many.
  ///
  /// - Parameter shape: The new extents.
  /// - Returns: A tensor that shares the elements.
  public func reshaped(_ shape: [Int]) -> Tensor {
    precondition(shape.reduce(1, *) == count, "Tensor: \(self.shape) cannot become \(shape)")
    return Tensor(shape: shape, storage: storage, count: count, element: element)
  }

  private init(shape: [Int], storage: Storage, count: Int, element: ElementType) {
    self.shape = shape
    self.storage = storage
    self.count = count
    self.element = element
  }

  /// Creates a tensor whose elements, stored in any type, `initialize` writes.
  ///
  /// - Parameters:
  ///   - shape: The extents, none negative.
  ///   - element: How the elements are stored.
  ///   - initialize: Must write every element.
  package init(
    _ shape: [Int], element: ElementType, initialize: (UnsafeMutableRawPointer) -> Void
  ) {
    let count = shape.reduce(1, *)
    let storage = Storage(byteCount: count * element.size)
    initialize(storage.base)
    self.init(shape: shape, storage: storage, count: count, element: element)
  }
}

extension Tensor {
  /// The first element.
  ///
  /// Valid while this tensor lives: only ops use it, which hold their operands.
  package var pointer: UnsafePointer<Float> {
    precondition(element == .fp32, "Tensor: elements of \(element) where fp32 is read")
    return UnsafePointer(storage.base.assumingMemoryBound(to: Float.self))
  }

  /// The first element, whatever its type.
  package var rawPointer: UnsafeRawPointer { UnsafeRawPointer(storage.base) }

  /// The first element for writing; the elements are this tensor's alone from then on.
  package mutating func mutablePointer() -> UnsafeMutablePointer<Float> {
    precondition(element == .fp32, "Tensor: elements of \(element) where fp32 is written")
    if !isKnownUniquelyReferenced(&storage) {
      storage = storage.copy(byteCount: count * MemoryLayout<Float>.stride)
    }
    return storage.base.assumingMemoryBound(to: Float.self)
  }
}
