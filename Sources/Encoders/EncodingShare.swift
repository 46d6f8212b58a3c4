internal import Synchronization
package import Tensors

/// Others who encode a part of the texts when this process is to encode some: the ranks of a run.
package protocol EncodingShare: Sendable {
  /// The embeddings of texts, a part of which this process encodes by itself.
  ///
  /// - Parameters:
  ///   - texts: The texts' ids.
  ///   - encoder: The model.
  ///   - tokensPerBatch: How many tokens are computed at a time.
  ///   - precision: How activations are stored and products are computed.
  ///   - progress: Called now and then with how many texts are done; what it throws is rethrown.
  /// - Returns: `[texts, dimension]`.
  /// - Throws: What `progress` throws, or that another process has failed.
  func encode(
    _ texts: [TokenizedText], by encoder: SentenceEncoder, tokensPerBatch: Int,
    precision: ElementType, progress: (Int) throws -> Void
  ) throws -> Tensor
}

extension SentenceEncoder {
  private static let sharing = Mutex<(any EncodingShare)?>(nil)

  /// Who helps this process to encode; nil: nobody.
  package static var share: (any EncodingShare)? {
    get { sharing.withLock { $0 } }
    set { sharing.withLock { $0 = newValue } }
  }
}
