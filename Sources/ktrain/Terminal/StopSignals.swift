import Glibc
import Synchronization

/// SIGINT and SIGTERM as a wish that can be asked for: the first one is noted, the second one ends
/// the process at once.
enum StopSignals {
  private static let first = Atomic<Int32>(0)

  /// The signal that came; nil if none did.
  static var received: Int32? {
    let number = first.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// What is said when the first one comes; set before, since the handler may only read it.
  private nonisolated(unsafe) static var message: StaticString = ""

  /// Notes signals from now on.
  ///
  /// - Parameter message: What to say when one comes.
  static func install(saying message: StaticString) {
    _ = received  // made before a handler needs it
    Self.message = message
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] {
      signal(number, handle)
      sigaddset(&signals, number)
    }
    // A program that starts us from a thread of its own may have handed down that they are blocked.
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Only what may be called in a signal handler.
  private static let handle: @convention(c) (Int32) -> Void = { number in
    let (isFirst, _) = first.compareExchange(expected: 0, desired: number, ordering: .relaxed)
    guard isFirst else { _exit(128 + number) }
    _ = write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
  }
}

/// A command that was told to stop, after it has tidied up.
struct Interruption: Error {
  let signal: Int32
}
