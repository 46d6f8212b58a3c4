import CHDF5
import Glibc

/// A stretch of work with libhdf5.
///
/// The library is called by one thread at a time. Ids that a stretch owns are closed at its end, the
/// last one first, on every path.
final class HDF5Work {
  /// The file that errors name.
  let path: String
  /// What kind of error a refusal by the library is.
  let fault: DatasetError.Code
  private var ids: [hid_t] = []

  private init(path: String, fault: DatasetError.Code) {
    self.path = path
    self.fault = fault
  }

  /// Calls `body` when no other thread is in the library; may be nested.
  static func run<Result>(
    path: String, fault: DatasetError.Code, _ body: (HDF5Work) throws -> Result
  ) throws -> Result {
    lock.lock()
    defer { lock.unlock() }
    // For each thread anew: where the library knows threads, each has its own setting.
    H5Eset_auto2(chdf5_error_stack(), nil, nil)
    let work = HDF5Work(path: path, fault: fault)
    defer { work.closeAll() }
    return try body(work)
  }

  /// Closes an id of any kind.
  static func close(_ id: hid_t) {
    lock.lock()
    defer { lock.unlock() }
    H5Idec_ref(id)
  }

  /// Passes on an id or a status that is no error.
  @discardableResult
  func check<Number: SignedInteger>(_ status: Number, _ action: String) throws -> Number {
    guard status < 0 else { return status }
    throw error("\(action): \(Self.innermostMessage())")
  }

  /// An id that is closed at the end of the work.
  func own(_ id: hid_t, _ action: String) throws -> hid_t {
    ids.append(try check(id, action))
    return id
  }

  /// An error of this file.
  func error(_ message: String) -> DatasetError {
    DatasetError(fault, message.withoutControls, path: path)
  }

  private func closeAll() {
    while let id = ids.popLast() { H5Idec_ref(id) }
  }

  private static let lock = RecursiveLock()

  /// Takes the lock from whoever held it, as the copy of a process must, whose threads have other
  /// numbers.
  static func renewLock() { lock.renew() }

  /// What the library found wrong first, deepest inside.
  private static func innermostMessage() -> String {
    var message = ""
    withUnsafeMutablePointer(to: &message) { message in
      let collect: H5E_walk2_t = { depth, entry, message in
        if depth == 0, let text = entry?.pointee.desc {
          message?.assumingMemoryBound(to: String.self).pointee = String(cString: text)
        }
        return 0
      }
      _ = H5Ewalk2(chdf5_error_stack(), H5E_WALK_UPWARD, collect, message)
    }
    return message.isEmpty ? "libhdf5 does not say why" : message
  }
}

/// A lock that its holder may take again.
private final class RecursiveLock: Sendable {
  private nonisolated(unsafe) let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(
    capacity: 1)

  init() { renew() }

  func renew() {
    var attributes = pthread_mutexattr_t()
    pthread_mutexattr_init(&attributes)
    pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_RECURSIVE))
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, &attributes)
    pthread_mutexattr_destroy(&attributes)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  func lock() { pthread_mutex_lock(mutex) }
  func unlock() { pthread_mutex_unlock(mutex) }
}

extension String {
  /// The text as it can stand in a one-line message: each control character becomes a space.
  fileprivate var withoutControls: String {
    String(String.UnicodeScalarView(unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
  }
}
