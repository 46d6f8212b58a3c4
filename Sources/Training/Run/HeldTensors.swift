internal import Checkpoints
internal import Synchronization
internal import Tensors

/// Weights and moments as they were after a step, until each is written.
///
/// A tensor is a value: while it is held here, whoever changes the original copies it first. So each
/// is let go as soon as it is in the file.
final class HeldTensors: Sendable {
  private let tensors: Mutex<[String: Tensor]>
  private let bytes: Atomic<Int>

  /// Takes hold of tensors, without a copy.
  ///
  /// - Parameter tensors: Each with its name in its file; no name twice.
  init(_ tensors: [(name: String, tensor: Tensor)]) {
    bytes = Atomic(tensors.reduce(0) { $0 + $1.tensor.count * MemoryLayout<Float>.stride })
    self.tensors = Mutex(Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.tensor) }))
  }

  /// How many bytes are held: what changing all of the originals would copy.
  var heldBytes: Int { bytes.load(ordering: .acquiring) }

  /// A tensor as an entry of a safetensors file, which lets it go once it is written; it can be
  /// written once.
  func entry(_ name: String, shape: [Int]) -> Safetensors.Entry {
    Safetensors.Entry(name: name, dtype: .f32, shape: shape) { [self] write in
      // The tensor is gone before the count falls: whoever waits for that changes it in place.
      let written = try takeOut(name, write)
      bytes.subtract(written, ordering: .releasing)
    }
  }

  private func takeOut(
    _ name: String, _ write: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows -> Int {
    guard let tensor = tensors.withLock({ $0.removeValue(forKey: name) }) else {
      preconditionFailure("HeldTensors: \(name) was written before")
    }
    return try tensor.withElements { elements in
      try write(UnsafeRawBufferPointer(elements))
      return elements.count * MemoryLayout<Float>.stride
    }
  }

  /// Lets go of all: nothing more will be written.
  func releaseAll() {
    tensors.withLock { $0 = [:] }
    bytes.store(0, ordering: .releasing)
  }
}
