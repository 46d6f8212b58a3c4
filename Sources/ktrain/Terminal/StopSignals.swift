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

  /// Notes signals from now on.
  static func install() {
    _ = received  // made before a handler needs it
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
    let text: StaticString = "\nstopping: a checkpoint is saved; once more to stop at once\n"
    _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
  }
}
