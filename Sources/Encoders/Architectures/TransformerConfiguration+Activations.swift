package import Tensors

extension TransformerConfiguration {
  /// What a tape keeps of a token between forward and backward, in bytes.
  ///
  /// In each layer two normalised outputs, queries, keys and values, the attention's output, the
  /// feed-forward part before its activation, and in single precision a number of each
  /// normalisation and of each head; besides what goes in and comes out.
  ///
  /// - Parameter element: How activations are stored.
  /// - Returns: Bytes, not counting that memory comes in blocks up to an eighth larger.
  package func tapeBytesPerToken(_ element: ElementType) -> Int {
    let layer = element.size * (6 * width + intermediateWidth) + 4 * (headCount + 2)
    return layerCount * layer + element.size * 3 * width
  }
}
