internal import Tensors

/// A set of rows in which no two have the same direction, to the bit.
struct DistinctRows {
  private let rows: UnitRows
  /// Rows by the hash of their elements.
  private var known: [UInt64: [Int]] = [:]
  /// How many rows are in the set.
  private(set) var count = 0

  init(_ rows: UnitRows) { self.rows = rows }

  /// Takes in a row.
  ///
  /// - Returns: Whether the row is new; if not, it is not taken.
  mutating func insert(_ row: Int) -> Bool {
    let elements = rows.gathered(CollectionOfOne(row)).elements
    let hash = elements.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { hash, element in
      // A zero of either sign is the same.
      let mixed = (hash ^ UInt64(element == 0 ? 0 : element.bitPattern)) &* 0x9E37_79B9_7F4A_7C15
      return mixed ^ mixed >> 32
    }
    let others = known[hash] ?? []
    for other in others where rows.gathered(CollectionOfOne(other)).elements == elements {
      return false
    }
    known[hash] = others + [row]
    count += 1
    return true
  }
}
