/// The rows of a pass that are in no batch yet: a list in the pass's order, linked forward, from
/// which a row is taken in constant time wherever it stands.
struct WaitingRows {
  private let order: [Int32]
  /// For each place of `order` the next place still waiting; `order.count` after the last.
  private var next: [Int32]
  private var head = 0

  init(_ order: [Int32]) {
    self.order = order
    next = order.indices.map { Int32($0) + 1 }
  }

  /// Whether every row has been taken.
  var isEmpty: Bool { head == order.count }

  enum Choice { case take, leave, stop }

  /// Offers the waiting rows one after another, until there are none or the answer is `.stop`.
  mutating func takeEach(_ choice: (_ row: Int32) -> Choice) {
    var last = -1
    var place = head
    while place != order.count {
      let following = Int(next[place])
      switch choice(order[place]) {
      case .stop: return
      case .leave: last = place
      case .take: if last < 0 { head = following } else { next[last] = Int32(following) }
      }
      place = following
    }
  }

  /// Takes the first rows whose texts do not meet: as many as asked for, or all that there are.
  ///
  /// - Parameters:
  ///   - size: How many rows to take.
  ///   - texts: The texts of all rows.
  ///   - marks: What texts the batch has; cleared first.
  /// - Returns: The rows; at least one if any row waits.
  mutating func takeBatch(
    _ size: Int, of texts: TextRows, _ marks: inout TextMarks
  ) -> [Int32] {
    marks.clear()
    var batch: [Int32] = []
    batch.reserveCapacity(size)
    takeEach { row in
      guard batch.count < size else { return .stop }
      let texts = texts[row]
      guard !marks.containsAny(of: texts) else { return .leave }
      marks.insert(texts)
      batch.append(row)
      return .take
    }
    return batch
  }

  /// The rows that wait, in order.
  var rows: [Int32] {
    var rows: [Int32] = []
    var place = head
    while place != order.count {
      rows.append(order[place])
      place = Int(next[place])
    }
    return rows
  }
}
