/// Several normalizers, each on what the one before it made.
struct NormalizerSequence: Normalizer {
  let steps: [any Normalizer]

  /// Creates a sequence of `first` and then `others`; if a ``Lowercase`` is among the others, it is
  /// left as it is, as in sentence-transformers.
  init(putting first: Lowercase, before others: (any Normalizer)?) {
    let others = (others as? NormalizerSequence)?.steps ?? others.map { [$0] } ?? []
    steps = others.contains { $0 is Lowercase } ? others : [first] + others
  }

  init(_ field: Field) throws(TokenizerError) {
    try field.allowOnly("type", "normalizers")
    var steps: [any Normalizer] = []
    for step in try field.member("normalizers").elements() { steps.append(try step.normalizer()) }
    self.steps = steps
  }

  func normalize(_ text: Span<UInt8>, into output: inout [UInt8]) {
    guard let last = steps.last else { return output.append(text, 0..<text.count) }
    var current: [UInt8] = []
    current.append(text, 0..<text.count)
    for step in steps.dropLast() {
      var next: [UInt8] = []
      step.normalize(current.span, into: &next)
      current = next
    }
    last.normalize(current.span, into: &output)
  }
}
