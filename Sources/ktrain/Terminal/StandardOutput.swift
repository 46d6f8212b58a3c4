import Glibc

/// Standard output: results.
enum StandardOutput {
  /// How many columns the terminal has now; 100 where there is none.
  static var columnCount: Int {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
    return Int(size.ws_col)
  }
}
