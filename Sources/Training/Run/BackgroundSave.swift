internal import Dispatch
internal import Synchronization

/// The checkpoint that is being written while the run goes on; one at a time.
final class BackgroundSave: Sendable {
  private let queue = DispatchQueue(label: "ktrain.checkpoint")
  private let group = DispatchGroup()
  private let result = Mutex<Result<String, any Error>?>(nil)
  private let held = Mutex<HeldTensors?>(nil)

  /// Begins to write; the last one must have been collected.
  ///
  /// - Parameter snapshot: The checkpoint.
  func start(_ snapshot: CheckpointWriter.Snapshot) {
    held.withLock { $0 = snapshot.held }
    queue.async(group: group) {
      let outcome = Result { try snapshot.write() }
      self.result.withLock { $0 = outcome }
    }
  }

  /// Waits until little enough is left to write: what is left, the next step copies.
  ///
  /// - Parameter bytes: How much may be left.
  func wait(untilLeft bytes: Int) {
    guard let held = held.withLock({ $0 }) else { return }
    while held.heldBytes > bytes, group.wait(timeout: .now() + .milliseconds(1)) == .timedOut {}
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
