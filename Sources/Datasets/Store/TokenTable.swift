/// The token ids of many texts, end to end.
package struct TokenTable: StorePart, Equatable {
  /// The ids of all texts.
  package let ids: [Int32]
  /// Where each text's ids begin in `ids`, and where the last one's end: one more than texts.
  package let offsets: [Int64]

  /// Creates a table of ids that are at hand.
  ///
  /// - Parameters:
  ///   - ids: The ids of all texts, none negative.
  ///   - offsets: From 0 to the number of ids, not falling.
  package init(ids: [Int32], offsets: [Int64]) {
    let fault = Self.fault(ids: ids, offsets: offsets)
    precondition(fault == nil, "\(fault ?? "")")
    (self.ids, self.offsets) = (ids, offsets)
  }

  /// The ids of one text.
  package subscript(row: Int) -> ArraySlice<Int32> {
    ids[Int(offsets[row])..<Int(offsets[row + 1])]
  }

  private static func fault(ids: [Int32], offsets: [Int64]) -> String? {
    guard offsets.first == 0, offsets.last == Int64(ids.count),
      !zip(offsets, offsets.dropFirst()).contains(where: { $0 > $1 })
    else { return "offsets do not rise from 0 to the \(ids.count) ids" }
    return ids.contains { $0 < 0 } ? "ids holds a negative id" : nil
  }
}

extension TokenTable {
  package static var kind: StoreKey.Kind { .tokens }
  package static var about: String {
    "Token ids of texts, end to end: text i has ids[offsets[i]:offsets[i + 1]]"
  }
  package var rowCount: Int { offsets.count - 1 }

  package init(reading file: HDF5File) throws {
    ids = try file.read(Int32.self, of: "ids", rank: 1).elements
    offsets = try file.read(Int64.self, of: "offsets", rank: 1).elements
    if let fault = Self.fault(ids: ids, offsets: offsets) {
      throw DatasetError(.corrupt, fault, path: file.path)
    }
  }

  package func write(to file: HDF5File) throws {
    try ids.withUnsafeBufferPointer {
      try file.write(
        $0, shape: [ids.count], as: "ids", description: "Token ids of all texts", unit: "token id")
    }
    try offsets.withUnsafeBufferPointer {
      try file.write(
        $0, shape: [offsets.count], as: "offsets",
        description: "Where the ids of each text begin; the last is where all end", unit: "tokens")
    }
  }
}
