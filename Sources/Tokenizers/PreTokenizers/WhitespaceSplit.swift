/// Words end at white space, which is dropped.
struct WhitespaceSplit: PreTokenizer {
  private let classes = CharacterClasses.shared

  init() {}

  init(_ field: Field) throws(TokenizerError) { try field.allowOnly("type") }

  func split(_ words: inout Words) {
    words.ranges = words.ranges(endingBy: classes)
  }
}
