import Dispatch
import Synchronization

/// One line of a terminal that is written over and over; lines above it stay.
///
/// It is drawn again once a second, so that times go on while nothing is reported, and as soon as the
/// terminal has another width. Where there is no terminal, there is no such line: a plain one is
/// written instead if nothing was for half a minute.
final class LiveLine: Sendable {
  /// What the line says at a time.
  typealias Content = @Sendable (ContinuousClock.Instant) -> [LinePart]

  private struct State {
    var content: Content?
    /// How many columns the text on the terminal takes; nil if there is none.
    var shownWidth: Int?
    /// The columns of the terminal when it was drawn.
    var columns = 0
    var drawn = ContinuousClock.now - .seconds(1)
    /// When a line that stays was written last.
    var printed = ContinuousClock.now
  }

  private let isLive = StandardError.isTerminal
  private let state = Mutex(State())

  /// How long there is no line at most where there is no terminal.
  private static let silence = Duration.seconds(30)
  private static let ticks = DispatchQueue(label: "ktrain.live-line")

  init() { if isLive { tick() } }

  /// Writes over the line, at most ten times a second.
  func show(_ content: @escaping Content) {
    state.withLock { state in
      let now = ContinuousClock.now
      state.content = content
      if !isLive {
        guard now - state.printed >= Self.silence else { return }
        state.printed = now
        StandardError.write(content(now).line(width: .max) + "\n")
      } else if now - state.drawn > .milliseconds(100) {
        draw(&state, now)
      }
    }
  }

  /// Writes a line that stays, above the live one.
  ///
  /// - Parameters:
  ///   - text: The line; on a terminal it is broken between words.
  ///   - indent: How many columns later lines begin at.
  func print(_ text: String, indent: Int = 0) {
    state.withLock { state in
      erase(&state)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      let width = isLive ? StandardError.columnCount : .max
      for line in lines {
        StandardError.write(line.wrapped(toWidth: width, indent: indent) + "\n")
      }
      state.printed = .now
      if isLive, state.content != nil { draw(&state, .now) }
    }
  }

  /// Writes a line that stays, on a terminal only as much of it as there is room for.
  func print(_ parts: [LinePart]) {
    print(parts.line(width: isLive ? StandardError.columnCount : .max))
  }

  /// Takes the line away until it is shown again.
  func clear() {
    state.withLock { state in
      state.content = nil
      erase(&state)
    }
  }

  private func tick() {
    Self.ticks.asyncAfter(deadline: .now() + .milliseconds(250)) { [weak self] in
      guard let self else { return }
      state.withLock { state in
        guard let drawn = state.shownWidth.map({ _ in state.drawn }) else { return }
        let isResized = StandardError.columnCount != state.columns
        if isResized || .now - drawn >= .seconds(1) { draw(&state, .now) }
      }
      tick()
    }
  }

  private func draw(_ state: inout State, _ now: ContinuousClock.Instant) {
    guard let content = state.content else { return }
    let columns = StandardError.columnCount
    let text = content(now).line(width: max(1, columns - 1))
    StandardError.write(erasure(state, columns) + text)
    (state.shownWidth, state.columns, state.drawn) = (text.displayWidth, columns, now)
  }

  private func erase(_ state: inout State) {
    if state.shownWidth != nil { StandardError.write(erasure(state, StandardError.columnCount)) }
    state.shownWidth = nil
  }

  /// What takes the text away: a terminal that has become narrower has broken it into several lines.
  private func erasure(_ state: State, _ columns: Int) -> String {
    guard let width = state.shownWidth else { return "" }
    let above = max(0, width - 1) / columns
    return above > 0 ? "\r\u{1B}[\(above)A\u{1B}[J" : "\r\u{1B}[K"
  }
}

extension StringProtocol {
  /// The text broken between words into lines of so many columns, all but the first indented; a word
  /// that is longer stands on a line of its own.
  func wrapped(toWidth width: Int, indent: Int) -> String {
    if displayWidth <= width { return String(self) }
    var (lines, line, isBlank) = ([String](), "", true)
    for (index, word) in split(separator: " ", omittingEmptySubsequences: false).enumerated() {
      let longer = index == 0 ? String(word) : line + " " + word
      if isBlank || longer.displayWidth <= width {
        line = longer
      } else {
        lines.append(line)
        line = String(repeating: " ", count: indent) + word
      }
      isBlank = line.displayWidth <= indent  // a label, or nothing, and its text does not part
    }
    return (lines + [line]).joined(separator: "\n")
  }
}
