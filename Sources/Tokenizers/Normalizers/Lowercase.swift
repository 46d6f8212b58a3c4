/// Replaces each character by its lower case; no character looks at its neighbours.
struct Lowercase: Normalizer {
  private let classes = CharacterClasses.shared

  init() {}

  init(_ field: Field) throws(TokenizerError) { try field.allowOnly("type") }

  func normalize(_ text: Span<UInt8>, into output: inout [UInt8]) {
    output.reserveCapacity(output.count + text.count)
    var position = 0
    while position < text.count {
      let (codePoint, length) = text.codePoint(at: position)
      position += length
      classes.appendLowercase(of: codePoint, to: &output)
    }
  }
}
