/// Words end at white space, which is dropped.
struct WhitespaceSplit: PreTokenizer {
  private let classes = CharacterClasses.shared

  init() {}

  init(_ field: Field) throws(TokenizerError) { try field.allowOnly("type") }

  func split(_ words: inout Words) {
    words.ranges = ranges(in: words.text.span, of: words.ranges)
  }

  private func ranges(in text: Span<UInt8>, of words: [Range<Int>]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(text.count / 4 + 1)
    for word in words {
      var start = word.lowerBound
      var position = start
      while position < word.upperBound {
        let (codePoint, length) = text.codePoint(at: position)
        if classes[codePoint].contains(.whitespace) {
          if start < position { ranges.append(start..<position) }
          start = position + length
        }
        position += length
      }
      if start < position { ranges.append(start..<position) }
    }
    return ranges
  }
}
