internal import Dispatch
internal import Synchronization

/// The checkpoint that is being written while the run goes on; one at a time.
final class BackgroundSave: Sendable {
  private let queue = DispatchQueue(label: "ktrain.checkpoint")
  private let group = DispatchGroup()
  private let result = Mutex<Result<String, any Error>?>(nil)

  /// Begins to write; the last one must have been collected.
  ///
  /// - Parameter work: Writes a checkpoint and returns its path.
  func start(_ work: @escaping @Sendable () throws -> String) {
    queue.async(group: group) {
      let outcome = Result { try work() }
      self.result.withLock { $0 = outcome }
    }
  }

  /// The path of a checkpoint that was written since this was asked last.
  ///
  /// - Parameter waits: Whether to wait for one that is being written.
  /// - Returns: nil if there is none.
  /// - Throws: What writing it threw.
  func collect(waits: Bool) throws -> String? {
    if waits { group.wait() }
    let outcome = result.withLock { result in
      defer { result = nil }
      return result
    }
    return try outcome?.get()
  }
}
