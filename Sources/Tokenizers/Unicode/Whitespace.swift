extension Span<UInt8> {
  /// How many bytes of white space there are from `position` on.
  func whitespaceLength(from position: Int) -> Int {
    var end = position
    while end < count {
      let (value, length) = codePoint(at: end)
      if !CharacterClasses.shared[value].contains(.whitespace) { break }
      end += length
    }
    return end - position
  }

  /// How many bytes of white space there are before `position`.
  func whitespaceLength(before position: Int) -> Int {
    var start = position
    while start > 0 {
      let value = codePoint(before: start)
      if !CharacterClasses.shared[value].contains(.whitespace) { break }
      start -= value < 0x80 ? 1 : value < 0x800 ? 2 : 3
    }
    return position - start
  }
}
