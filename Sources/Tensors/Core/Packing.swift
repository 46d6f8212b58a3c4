/// How the sequences of a batch lie in the rows of one `[tokens, width]` matrix: end to end, with no
/// padding between them.
public struct Packing: Hashable, Sendable {
  /// Where each sequence starts, and at the end the number of tokens: one more than sequences.
  public let offsets: [Int]
  /// What each sequence is called where randomness is concerned: its place in the whole batch, so
  /// that its dropout does not depend on the mini-batch it is computed in.
  public let rowKeys: [UInt32]

  /// Creates a packing.
  ///
  /// - Parameters:
  ///   - lengths: How many tokens each sequence has, at least one.
  ///   - rowKeys: A distinct number for each sequence; nil numbers them from 0.
  public init(lengths: [Int], rowKeys: [UInt32]? = nil) {
    precondition(lengths.allSatisfy { $0 > 0 }, "Packing: a sequence without tokens")
    precondition(
      rowKeys == nil || rowKeys?.count == lengths.count,
      "Packing: \(rowKeys?.count ?? 0) row keys for \(lengths.count) sequences")
    var offsets = [0]
    offsets.reserveCapacity(lengths.count + 1)
    for length in lengths { offsets.append(offsets[offsets.count - 1] + length) }
    self.offsets = offsets
    self.rowKeys = rowKeys ?? lengths.indices.map(UInt32.init)
  }

  /// How many sequences there are.
  public var sequenceCount: Int { offsets.count - 1 }

  /// How many tokens there are in all sequences together.
  public var tokenCount: Int { offsets[offsets.count - 1] }

  /// The rows of a sequence.
  ///
  /// - Parameter sequence: The sequence's index.
  /// - Returns: The range of its tokens.
  public func tokens(of sequence: Int) -> Range<Int> {
    offsets[sequence]..<offsets[sequence + 1]
  }

  /// Calls `body` with every token of a range: its sequence's row key and its place therein.
  func forEachToken(
    in range: Range<Int>, _ body: (_ token: Int, _ rowKey: UInt32, _ position: UInt32) -> Void
  ) {
    guard !range.isEmpty else { return }
    var low = 0
    var high = sequenceCount
    while high - low > 1 {  // the sequence that holds the first token
      let middle = (low + high) / 2
      if offsets[middle] <= range.lowerBound { low = middle } else { high = middle }
    }
    var sequence = low
    for token in range {
      while token >= offsets[sequence + 1] { sequence += 1 }
      body(token, rowKeys[sequence], UInt32(token - offsets[sequence]))
    }
  }
}
