/// A text cut into words, on its way from the pre-tokenizer to the model.
struct Words {
  /// The UTF-8 of the text.
  var text: [UInt8] = []
  /// Where the words lie in `text`, in order.
  var ranges: [Range<Int>] = []

  /// Where the words lie once they end at white space, which is dropped, and at the characters of
  /// further classes, each of which becomes a word.
  func ranges(
    endingBy classes: CharacterClasses, isolating isolated: CharacterClass = []
  ) -> [Range<Int>] {
    let text = text.span
    let ends = isolated.union(.whitespace)
    var result: [Range<Int>] = []
    result.reserveCapacity(text.count / 4 + 1)
    for word in ranges {
      var start = word.lowerBound
      var position = start
      while position < word.upperBound {
        let (codePoint, length) = text.codePoint(at: position)
        let properties = classes[codePoint]
        if !properties.isDisjoint(with: ends) {
          if start < position { result.append(start..<position) }
          if !properties.contains(.whitespace) { result.append(position..<position + length) }
          start = position + length
        }
        position += length
      }
      if start < position { result.append(start..<position) }
    }
    return result
  }
}
