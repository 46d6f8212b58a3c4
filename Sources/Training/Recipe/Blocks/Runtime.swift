import JSONValues
import Tensors

extension Recipe {
  /// What a run may use of the machine.
  public struct Runtime: Hashable, Sendable {
    /// How many threads compute; 0: as many as there are cores.
    public var threads = 0
    /// How much memory activations, caches and embeddings may take; nil: derived from the machine.
    public var memory: ByteCount?
    /// The directory that keeps tokenised data, guide embeddings and clusters between runs.
    public var store = "data/.store"

    package init() {}
  }
}

extension Recipe.Runtime: RecipeBlock {
  static let fields: [Field<Self>] = [
    Field("threads", \.threads, .integer(atLeast: 0, atMost: WorkerPool.mostThreads)),
    Field("memory", \.memory, .optional(.byteCount)),
    Field("store", \.store, .path),
  ]
}

/// An amount of memory, written as a number of bytes or with a unit: `16GiB`, `500MB`, `1.5 GB`.
public struct ByteCount: Hashable, Sendable {
  /// The number of bytes, at least 1.
  public let bytes: Int

  /// Creates an amount.
  ///
  /// - Precondition: `bytes` is at least 1.
  public init(bytes: Int) {
    precondition(bytes >= 1, "ByteCount: \(bytes) bytes is no amount")
    self.bytes = bytes
  }

  /// Reads an amount; nil if the text is none, or none that an `Int` holds.
  ///
  /// - Parameter text: A decimal number, perhaps a space, and one of the units B, KB, MB, GB, TB
  ///   (powers of 1000), KiB, MiB, GiB, TiB (powers of 1024). Fractions of a byte are dropped.
  public init?(_ text: String) {
    let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
    var suffix = text.dropFirst(digits.count)
    if suffix.first == " " { suffix.removeFirst() }
    guard let number = Double(digits),
      let unit = Self.units.first(where: { $0.name == suffix }),
      let bytes = Int(exactly: (number * Double(unit.bytes)).rounded(.down)), bytes >= 1
    else { return nil }
    self.bytes = bytes
  }

  private static let units: [(name: String, bytes: Int)] = [
    ("TiB", 1 << 40), ("TB", 1_000_000_000_000), ("GiB", 1 << 30), ("GB", 1_000_000_000),
    ("MiB", 1 << 20), ("MB", 1_000_000), ("KiB", 1 << 10), ("KB", 1000), ("B", 1),
  ]
}

extension ByteCount: CustomStringConvertible {
  /// The amount in the largest unit of which it is a whole number, so that it reads back the same.
  public var description: String {
    let unit = Self.units.first { bytes.isMultiple(of: $0.bytes) } ?? ("B", 1)
    return "\(bytes / unit.bytes)\(unit.name)"
  }
}

extension ValueKind<ByteCount> {
  /// An amount of memory.
  static var byteCount: Self {
    let expected = "a number of bytes, or one with a unit such as \"16GiB\" or \"500MB\""
    let pattern = #"^[0-9]+(\.[0-9]+)? ?([KMGT]i?)?B$"#
    return ValueKind(
      expected: expected,
      schema: ["type": ["integer", "string"], "minimum": 1, "pattern": .string(pattern)],
      decode: { value, path in
        let amount: ByteCount?
        switch value {
        case .string(let text): amount = ByteCount(text)
        case .integer(let bytes): amount = bytes >= 1 ? ByteCount(bytes: bytes) : nil
        default: throw path.wrongType(value, expected: expected)
        }
        guard let amount else { throw path.invalidValue(value, expected: expected) }
        return amount
      },
      encode: { .string($0.description) })
  }
}
