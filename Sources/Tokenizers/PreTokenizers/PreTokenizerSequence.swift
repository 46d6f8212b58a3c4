/// Several pre-tokenizers, each on the words of the one before it.
struct PreTokenizerSequence: PreTokenizer {
  private let steps: [any PreTokenizer]

  init(_ steps: [any PreTokenizer]) { self.steps = steps }

  init(_ field: Field) throws(TokenizerError) {
    try field.allowOnly("type", "pretokenizers")
    var steps: [any PreTokenizer] = []
    for step in try field.member("pretokenizers").elements() {
      steps.append(try step.preTokenizer())
    }
    self.steps = steps
  }

  func split(_ words: inout Words) {
    for step in steps { step.split(&words) }
  }
}
