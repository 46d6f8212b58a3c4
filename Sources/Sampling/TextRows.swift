/// The numbers of each row's texts, side by side, so that a row is one read of memory.
struct TextRows: Sendable {
  /// How many rows there are.
  let count: Int
  /// One more than the largest number of a text.
  let textCount: Int
  private let columns: Int
  private let texts: [Int32]

  /// - Parameters:
  ///   - textIDs: `[columns][rows]`.
  ///   - count: How many rows; nil if the columns say it. Rows without columns never meet.
  init(_ textIDs: [[Int32]], count: Int? = nil) {
    let rows = count ?? textIDs.first?.count ?? 0
    precondition(
      textIDs.allSatisfy { $0.count == rows },
      "text numbers: the columns have \(textIDs.map(\.count)) rows, expected \(rows) for all")
    var texts = [Int32](repeating: 0, count: rows * textIDs.count)
    var largest: Int32 = -1
    for (column, ids) in textIDs.enumerated() {
      for (row, id) in ids.enumerated() {
        precondition(id >= 0, "text number \(id) in column \(column), row \(row) is negative")
        texts[row * textIDs.count + column] = id
        largest = max(largest, id)
      }
    }
    self.count = rows
    columns = textIDs.count
    textCount = Int(largest) + 1
    self.texts = texts
  }

  subscript(row: Int32) -> ArraySlice<Int32> {
    texts[(Int(row) * columns)..<((Int(row) + 1) * columns)]
  }
}

/// A set of texts that is emptied in constant time: a text is in it if its mark is the current one.
struct TextMarks {
  private var marks: [UInt32]
  private var current: UInt32 = 1

  init(count: Int) { marks = Array(repeating: 0, count: count) }

  /// Removes all texts; at most 2^32 - 2 times.
  mutating func clear() {
    current += 1
  }

  func containsAny(of texts: ArraySlice<Int32>) -> Bool {
    texts.contains { marks[Int($0)] == current }
  }

  mutating func insert(_ texts: ArraySlice<Int32>) {
    for text in texts { marks[Int(text)] = current }
  }
}
