import Foundation
import Glibc

/// The binary's standard error on a pseudo-terminal, and what came out of it.
final class PseudoTerminal {
  private let master: Int32
  private let slave: Int32

  init(columns: Int) throws {
    // What posix_openpt, unlockpt and ptsname do, which Swift's module of the C library leaves out.
    let (unlock, number) = (UInt(0x4004_5431), UInt(0x8004_5430))  // TIOCSPTLCK, TIOCGPTN
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var (isLocked, name): (Int32, Int32) = (0, 0)
    guard master >= 0, ioctl(master, unlock, &isLocked) == 0, ioctl(master, number, &name) == 0
    else { throw POSIXError(.ENXIO) }
    slave = open("/dev/pts/\(name)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard slave >= 0 else { throw POSIXError(.ENXIO) }
    resize(columns: columns)
  }

  deinit {
    close(master)
    if slave >= 0 { close(slave) }
  }

  /// Gives the terminal another width.
  func resize(columns: Int) {
    var size = winsize(ws_row: 50, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }

  /// Starts the tool.
  func start(_ arguments: [String], environment: [String: String] = [:]) throws -> Process {
    let process = CommandLineTool.process(arguments)
    process.environment = ProcessInfo.processInfo.environment
      .merging(["TERM": "xterm-256color"]) { _, new in new }
      .merging(environment) { _, new in new }
    process.standardOutput = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    process.standardError = FileHandle(fileDescriptor: slave, closeOnDealloc: false)
    try process.run()
    return process
  }

  /// What the terminal has received since it was asked last; waits for it up to so many seconds.
  func read(waiting seconds: Double) -> [UInt8] {
    var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    guard poll(&descriptor, 1, Int32(seconds * 1000)) > 0 else { return [] }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = Glibc.read(master, &buffer, buffer.count)
    return Array(buffer.prefix(max(0, count)))
  }

  /// All that the terminal receives until a process ends.
  func readAll(of process: Process, each body: ([UInt8]) -> Void = { _ in }) -> [UInt8] {
    var received: [UInt8] = []
    while true {
      let isOver = !process.isRunning
      let bytes = read(waiting: isOver ? 0 : 0.05)
      received += bytes
      if !bytes.isEmpty { body(received) }
      if isOver && bytes.isEmpty { return received }
    }
  }
}

/// A terminal's screen, as far as a tool that rewrites one line uses it.
///
/// It knows text, CR, LF, and the escapes that move up and erase to the end of the line or the screen,
/// and breaks lines at its right edge.
struct Screen {
  let columns: Int
  private(set) var lines: [[Character]] = [[]]
  /// Escapes and control characters that it does not know.
  private(set) var unknown: [String] = []
  private var (row, column) = (0, 0)

  init(columns: Int) { self.columns = columns }

  /// The lines that something stands on, without the spaces at their ends.
  var text: [String] {
    lines.map { line in
      String(String(line).reversed().drop { $0 == " " }.reversed())
    }.filter { !$0.isEmpty }
  }

  mutating func receive(_ bytes: [UInt8]) {
    let characters = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
    var index = 0
    while index < characters.count {
      let scalar = characters[index]
      index += 1
      switch scalar {
      case "\r": column = 0
      case "\n": down()
      case "\u{1B}":
        var sequence = ""
        while index < characters.count {
          sequence.unicodeScalars.append(characters[index])
          index += 1
          if let last = sequence.last, last.isLetter { break }
        }
        escape(sequence)
      case "\u{0}"..<"\u{20}": unknown.append("control \(scalar.value)")
      default: write(Character(scalar))
      }
    }
  }

  private mutating func escape(_ sequence: String) {
    switch sequence {
    case "[K": erase(from: column)
    case "[J":
      erase(from: column)
      lines.removeSubrange((row + 1)...)
    default:
      if sequence.last == "A", let count = Int(sequence.dropFirst().dropLast()) {
        row = max(0, row - count)
      } else {
        unknown.append(sequence)
      }
    }
  }

  private mutating func erase(from column: Int) {
    lines[row].removeSubrange(min(column, lines[row].count)...)
  }

  private mutating func down() {
    row += 1
    if row == lines.count { lines.append([]) }
  }

  private mutating func write(_ character: Character) {
    if column == columns {
      column = 0
      down()
    }
    while lines[row].count <= column { lines[row].append(" ") }
    lines[row][column] = character
    column += 1
  }
}
