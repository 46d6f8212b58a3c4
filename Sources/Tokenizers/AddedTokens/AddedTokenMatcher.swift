/// Finds added tokens in a text: the leftmost, and of several that start there the longest.
struct AddedTokenMatcher: Sendable {
  private let tokens: [AddedToken]
  /// From the form that is looked for to the position in `tokens`.
  private let trie: Trie
  private let canStart: [Bool]

  /// Creates a matcher of tokens, each with the form that is looked for, distinct and not empty.
  init(_ tokens: [(form: [UInt8], token: AddedToken)]) throws(Trie.BuildingError) {
    self.tokens = tokens.map(\.token)
    var keys = ByteStrings()
    var canStart = [Bool](repeating: false, count: 256)
    for (form, _) in tokens {
      keys.append(form)
      canStart[Int(form[0])] = true
    }
    trie = try Trie(keys: keys, values: Array(0..<Int32(tokens.count)))
    self.canStart = canStart
  }

  var hasTokens: Bool { !tokens.isEmpty }

  /// The parts of `text`, tokens and what lies between them.
  func pieces(of text: Span<UInt8>) -> Pieces { Pieces(matcher: self) }

  /// A token, or what lies between two.
  struct Piece {
    let range: Range<Int>
    /// The token's id; nil for what lies between.
    let id: Int32?
  }

  /// Cuts one text at the tokens in it.
  struct Pieces {
    fileprivate let matcher: AddedTokenMatcher
    /// Where the search goes on.
    private var position = 0
    /// Up to where pieces have been handed out.
    private var written = 0
    private var found: Piece?

    fileprivate init(matcher: AddedTokenMatcher) { self.matcher = matcher }

    /// The next part of `text`, which is the same at each call; nil after the last.
    mutating func next(in text: Span<UInt8>) -> Piece? {
      if let token = found ?? matcher.nextToken(in: text, from: &position, after: written) {
        if written < token.range.lowerBound {
          defer { written = token.range.lowerBound }
          found = token
          return Piece(range: written..<token.range.lowerBound, id: nil)
        }
        found = nil
        written = token.range.upperBound
        return token
      }
      if written == text.count { return nil }
      defer { written = text.count }
      return Piece(range: written..<text.count, id: nil)
    }
  }

  /// The next token that counts from `position` on, with the white space that it swallows, though
  /// none before `written`.
  ///
  /// As in the reference, white space that was swallowed is searched again, for `position` is left
  /// behind the token proper; and a match that does not count is passed over as a whole, with any
  /// shorter token in it.
  private func nextToken(
    in text: Span<UInt8>, from position: inout Int, after written: Int
  ) -> Piece? {
    while position < text.count {
      guard canStart[Int(text[position])],
        let match = trie.longestMatch(in: text, from: position, to: text.count, under: trie.root)
      else {
        position += 1
        continue
      }
      var (start, end) = (position, match.end)
      position = match.end
      let token = tokens[Int(match.value)]
      if token.isSingleWord, touchesWord(text, start, end) { continue }
      if token.stripsLeft {
        let first = start - text.whitespaceLength(before: start)
        start = max(first, written)
      }
      if token.stripsRight { end += text.whitespaceLength(from: end) }
      // A token of white space may lie whole in what another has swallowed.
      if start < end { return Piece(range: start..<end, id: token.id) }
    }
    return nil
  }

  private func touchesWord(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
    (start > 0 && text.codePoint(before: start).isWordCharacter)
      || (end < text.count && text.codePoint(at: end).value.isWordCharacter)
  }
}

extension UInt32 {
  /// Whether the code point belongs to a word as regular expressions have it (`\w`: Unicode
  /// Technical Standard #18, annex C), with what was assigned up to Unicode 16: what came later the
  /// reference does not know.
  fileprivate var isWordCharacter: Bool {
    guard let properties = Unicode.Scalar(self)?.properties, let age = properties.age,
      age <= (major: 16, minor: 0)
    else { return false }
    if properties.isAlphabetic || properties.isJoinControl { return true }
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation:
      return true
    default: return false
    }
  }
}
