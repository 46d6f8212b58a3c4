public import Encoders

extension SentenceEncoder {
  /// A number of dimensions to which embeddings can be cut.
  ///
  /// - Throws: ``RunError`` if they have fewer.
  public func checkedWidth(_ truncateDim: Int) throws -> Int {
    try checkWidth(truncateDim, of: dimension, in: directory)
  }
}

func checkWidth(_ truncateDim: Int, of dimension: Int, in place: String) throws -> Int {
  guard truncateDim <= dimension else {
    throw RunError(
      .data, "truncate_dim is \(truncateDim), but embeddings have \(dimension) dimensions",
      place: place)
  }
  return truncateDim
}
