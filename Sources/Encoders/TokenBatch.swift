public import Tensors

/// The token ids of one text, as a model sees it.
public struct TokenizedText: Hashable, Sendable {
  /// The ids, special tokens included.
  public let ids: [Int32]
  /// How many tokens at the start belong to a prompt that pooling leaves out; 0 if it counts.
  public let promptLength: Int

  /// Creates a tokenized text.
  ///
  /// - Parameters:
  ///   - ids: The ids, at least one.
  ///   - promptLength: How many tokens at the start pooling leaves out.
  public init(ids: [Int32], promptLength: Int = 0) {
    self.ids = ids
    self.promptLength = promptLength
  }
}

/// The token ids of some texts, end to end: the only form of a batch there is.
public struct TokenBatch: Sendable {
  /// The ids of all texts.
  public let ids: [Int32]
  /// Where each text lies.
  public let packing: Packing
  /// How many tokens at the start of each text pooling leaves out; nil for none.
  public let promptLengths: [Int]?

  /// Packs texts.
  ///
  /// - Parameters:
  ///   - texts: The texts.
  ///   - rowKeys: What each text is called where dropout is concerned; nil numbers them from 0.
  public init(_ texts: some Collection<TokenizedText>, rowKeys: [UInt32]? = nil) {
    packing = Packing(lengths: texts.map(\.ids.count), rowKeys: rowKeys)
    var ids: [Int32] = []
    ids.reserveCapacity(packing.tokenCount)
    for text in texts { ids += text.ids }
    self.ids = ids
    promptLengths =
      texts.contains { $0.promptLength > 0 } ? texts.map(\.promptLength) : nil
  }
}
