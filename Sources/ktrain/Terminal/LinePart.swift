/// A piece of a line that is shown while there is room for it.
struct LinePart: Hashable, Sendable {
  /// What stands there.
  let text: String
  /// How soon it is left out when room is short: the greatest first, 0 never.
  let rank: Int

  init(_ text: String, rank: Int = 0) {
    self.text = text
    self.rank = rank
  }
}

extension [LinePart] {
  /// The line in so many columns: pieces are left out by rank, and the rest is cut if it has to be.
  func line(width: Int) -> String {
    var parts = filter { !$0.text.isEmpty }
    while true {
      let line = parts.map(\.text).joined(separator: "  ")
      guard line.displayWidth > width, let last = parts.map(\.rank).max(), last > 0 else {
        return line.cut(toWidth: width)
      }
      parts.removeAll { $0.rank == last }
    }
  }
}
