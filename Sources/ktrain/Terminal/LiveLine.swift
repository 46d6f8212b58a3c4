/// One line of a terminal that is written over and over; lines above it stay.
final class LiveLine {
  private let isLive = StandardError.isTerminal
  private var isShown = false
  private var last = ContinuousClock.now - .seconds(1)

  /// Writes over the line, at most ten times a second; does nothing where there is no terminal.
  func show(_ text: @autoclosure () -> String) {
    guard isLive, ContinuousClock.now - last > .milliseconds(100) else { return }
    last = .now
    isShown = true
    let text = text().prefix(max(1, StandardError.columnCount - 1))
    StandardError.write("\r\u{1B}[K" + text)
  }

  /// Writes a line that stays.
  func print(_ text: String) {
    clear()
    StandardError.write(text + "\n")
  }

  /// Takes the line away.
  func clear() {
    if isShown { StandardError.write("\r\u{1B}[K") }
    isShown = false
  }
}
