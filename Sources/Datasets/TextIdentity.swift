extension TextDataset {
  /// Which texts are the same: for each column and row a number, equal where the bytes are equal.
  ///
  /// Equality is Python's, code point by code point: two spellings of one accented letter differ.
  /// Numbers are given in order of first occurrence, column by column, from 0, and are dense.
  ///
  /// - Returns: `[columns][rows]`.
  public func textIDs() -> [[Int32]] {
    precondition(
      rowCount * columns.count <= Int(Int32.max),
      "\(rowCount) rows of \(columns.count) texts are more than Int32 can number")
    var table = TextTable(capacity: rowCount * columns.count)
    return columns.indices.map { column in
      columns[column].indices.map { row in
        columns[column].withUTF8(at: row) { text in
          table.id(of: text, at: (column, row)) { place, compare in
            columns[place.column].withUTF8(at: place.row, compare)
          }
        }
      }
    }
  }
}

/// Numbers for texts, by open addressing; the texts themselves stay where they are.
private struct TextTable {
  typealias Place = (column: Int, row: Int)

  /// The number of the text in each slot, -1 for none.
  private var slots: [Int32]
  private var hashes: [Int] = []
  private var places: [Place] = []

  init(capacity: Int) {
    // A power of two, at most two thirds full.
    var size = 16
    while size < capacity + capacity / 2 { size *= 2 }
    slots = Array(repeating: -1, count: size)
  }

  /// The number of a text, a new one if it has not been seen.
  mutating func id(
    of text: UnsafeBufferPointer<UInt8>, at place: Place,
    known: (Place, (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool
  ) -> Int32 {
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(text))
    let hash = hasher.finalize()
    var slot = hash & (slots.count - 1)
    while slots[slot] >= 0 {
      let id = Int(slots[slot])
      if hashes[id] == hash && known(places[id], { $0.elementsEqual(text) }) { return Int32(id) }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = Int32(places.count)
    hashes.append(hash)
    places.append(place)
    return slots[slot]
  }
}
