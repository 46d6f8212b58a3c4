import Tensors
import TestSupport
import Testing

/// Zeros that nobody has written take no memory, wherever they go.
@Suite struct ZeroPagesTests {
  private static let (rows, width) = (512, 1024)  // a page a row

  /// How many pages of a tensor take memory.
  private func pages(_ tensor: borrowing Tensor) -> Int? {
    writtenPages(tensor.rawPointer, byteCount: tensor.count * 4)
  }

  private func elements() -> [Float] {
    var elements = [Float](repeating: 0, count: Self.rows * Self.width)
    elements[3 * Self.width + 1023] = 1
    elements[4 * Self.width] = -0.0  // not the bytes of a zero
    elements[511 * Self.width + 5] = .nan
    return elements
  }

  /// Written in two pieces.
  private func tensor(_ elements: [Float]) -> Tensor {
    var tensor = Tensor(zeros: [Self.rows, Self.width])
    elements.withUnsafeBytes { bytes in
      let middle = 4 * 4096
      tensor.writeNonzero(UnsafeRawBufferPointer(rebasing: bytes[middle...]), at: middle)
      tensor.writeNonzero(UnsafeRawBufferPointer(rebasing: bytes[..<middle]))
    }
    return tensor
  }

  @Test func bytesThatAreRead() {
    let elements = elements()
    let tensor = tensor(elements)
    #expect(pages(tensor) == 3)
    #expect(tensor.elements.map(\.bitPattern) == elements.map(\.bitPattern))
  }

  /// A shared tensor is copied before it is changed.
  @Test func copies() {
    let elements = elements()
    let tensor = tensor(elements)
    var copy = tensor
    copy.withMutableElements { $0[0] = 7 }
    #expect(pages(copy) == 4)
    #expect(tensor.elements.map(\.bitPattern) == elements.map(\.bitPattern))
    #expect(copy.elements.dropFirst().map(\.bitPattern) == elements.dropFirst().map(\.bitPattern))
    #expect(copy.elements[0] == 7)
  }

  @Test func aPieceOfAPage() {
    let elements = (0..<1030).map { $0 == 1029 ? Float(3) : 0 }
    var tensor = Tensor(zeros: [1030])
    elements.withUnsafeBytes { tensor.writeNonzero($0) }
    #expect(tensor.elements == elements)
  }
}
