/// Words end at white space, which is dropped; each punctuation character is a word.
struct BertPreTokenizer: PreTokenizer {
  private let classes = CharacterClasses.shared

  init(_ field: Field) throws(TokenizerError) { try field.allowOnly("type") }

  func split(_ words: inout Words) {
    words.ranges = words.ranges(endingBy: classes, isolating: .punctuation)
  }
}
