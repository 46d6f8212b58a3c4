import Datasets
import Foundation
import TestSupport

extension FuzzTarget {
  static let stores = [
    // As damage leaves it: the seal must tell, for libhdf5 does not.
    FuzzTarget(
      name: "store-damaged", file: "store.h5", more: { [try Part.good.get()] },
      parse: { path in
        try Part.readTokens(path)
        guard try [UInt8](Data(contentsOf: URL(filePath: path))) == Part.good.get() else {
          throw Finding("a part was read that is not as it was written")
        }
      }, faults: [DatasetError.self]),
    // Whole files whose content does not fit together.
    FuzzTarget(
      name: "store-content", file: "content", more: { [Part.numbers] },
      parse: { path in
        let store = path + ".h5"
        try Part.write(store, [UInt8](Data(contentsOf: URL(filePath: path))))
        try Part.readTokens(store)
      }, faults: [DatasetError.self]),
  ]
}

/// Parts of a store.
private enum Part {
  static let key = StoreKey(.tokens, ["source": "0123", "prompt": "q: ", "max_length": 128])

  /// A part as the store writes it.
  static let good = Result { () throws -> [UInt8] in
    let part = TokenTable(ids: (0..<40).map { $0 * 7 }, offsets: [0, 0, 5, 20, 40])
    let directory = try Fixture.temporary("store")
    try DatasetStore(directory: directory).write(part, for: key)
    let name = try FileManager.default.contentsOfDirectory(atPath: directory)[0]
    return try [UInt8](Data(contentsOf: URL(filePath: directory + "/" + name)))
  }

  /// The same numbers: how many rows, how many offsets, the offsets, the ids.
  static let numbers = [4, 5, 0, 0, 5, 20, 40].flatMap(bytes) + (0..<40).flatMap { bytes($0 * 7) }

  private static func bytes(_ number: Int) -> [UInt8] {
    withUnsafeBytes(of: Int64(number).littleEndian) { Array($0) }
  }

  /// Writes a part that is sealed and says what it is told to.
  static func write(_ path: String, _ bytes: [UInt8]) throws {
    let numbers = bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / 8).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self) }
    }
    let count = min(Int(clamping: numbers.dropFirst().first ?? 0), max(0, numbers.count - 2))
    let offsets = Array(numbers.dropFirst(2).prefix(max(0, count)))
    let ids = numbers.dropFirst(2 + offsets.count).map { Int32(truncatingIfNeeded: $0) }
    try StoreFile.write(path, key, description: "", rows: Int(numbers.first ?? 0)) { file in
      try ids.withUnsafeBufferPointer {
        try file.write($0, shape: [ids.count], as: "ids", description: "", unit: "")
      }
      try offsets.withUnsafeBufferPointer {
        try file.write($0, shape: [offsets.count], as: "offsets", description: "", unit: "")
      }
    }
  }

  static func readTokens(_ path: String) throws {
    let table = try DatasetStore.read(TokenTable.self, at: path, for: key)
    blackHole((0..<table.rowCount).reduce(0) { $0 + table[$1].count })
  }
}
