import Glibc

/// Standard error: progress and faults, never results.
enum StandardError {
  /// Whether it is a terminal that can rewrite a line.
  static var isTerminal: Bool {
    isatty(STDERR_FILENO) == 1 && getenv("TERM").map { String(cString: $0) } != "dumb"
  }

  /// How many columns the terminal has now.
  static var columnCount: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes text; if nobody listens any more, the run goes on all the same.
  static func write(_ text: String) {
    var text = text
    // On standard output a reader that has gone away ends the process, by SIGPIPE; here it does not.
    var (pipe, before) = (sigset_t(), sigset_t())
    sigemptyset(&pipe)
    sigaddset(&pipe, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &pipe, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    text.withUTF8 { bytes in
      var done = 0
      while done < bytes.count {
        let count = Glibc.write(STDERR_FILENO, bytes.baseAddress! + done, bytes.count - done)
        if count < 0 && errno == EINTR { continue }
        if count < 0 && errno == EPIPE {
          var now = timespec()
          sigtimedwait(&pipe, nil, &now)  // the signal that waits for the mask to be lifted
        }
        if count <= 0 { return }
        done += count
      }
    }
  }
}
