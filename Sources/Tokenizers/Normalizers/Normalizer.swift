/// A step that rewrites a text before it is cut into words.
protocol Normalizer: Sendable {
  /// Appends the normalized form of `text` to `output`.
  func normalize(_ text: Span<UInt8>, into output: inout [UInt8])
}

extension Field {
  /// The normalizer that stands here.
  ///
  /// A new one is one more line.
  func normalizer() throws(TokenizerError) -> any Normalizer {
    switch try type() {
    case "BertNormalizer": return try BertNormalizer(self)
    case "Lowercase": return try Lowercase(self)
    case "Precompiled": return try Precompiled(self)
    case "Replace": return try Replace(self)
    case "Sequence": return try NormalizerSequence(self)
    case "Strip": return try Strip(self)
    default:
      throw try unsupportedType(known: [
        "BertNormalizer", "Lowercase", "Precompiled", "Replace", "Sequence", "Strip",
      ])
    }
  }
}
