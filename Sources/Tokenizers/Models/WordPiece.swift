import JSONValues

/// Cuts a word into the longest tokens from the left; a word that does not come out even is
/// unknown as a whole.
///
/// Reference: Schuster and Nakajima, 2012, "Japanese and Korean Voice Search".
struct WordPiece: Model {
  let count: Int
  let highestID: Int32
  private let trie: Trie
  private let unknown: Int32
  private let longestWord: Int
  /// Where a token that continues a word starts; nil if there is none.
  private let continuation: Trie.Node?

  init(_ field: Field) throws(TokenizerError) {
    try field.allowOnly(
      "type", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "vocab")
    let vocabulary = try field.member("vocab")
    let tokens = try vocabulary.object()
    var keys = ByteStrings()
    var ids: [Int32] = []
    var owners: [Int32: Int] = [:]
    for (index, (token, value)) in tokens.members.enumerated() {
      guard let integer = value.integer, Field.ids.contains(integer) else {
        throw vocabulary.entry(token, value).expectedInteger(in: Field.ids)
      }
      let id = Int32(integer)
      if let owner = owners.updateValue(index, forKey: id) {
        throw vocabulary.entry(token, value).fault(
          "id \(id) is already that of \"\(tokens.keys[owner])\"")
      }
      keys.append(token.utf8)
      ids.append(id)
    }
    do throws(Trie.BuildingError) {
      trie = try Trie(keys: keys, values: ids)
    } catch {
      throw vocabulary.fault(error.message)
    }
    count = ids.count
    highestID = ids.max() ?? 0
    let name = try field.member("unk_token").string()
    guard let id = trie.value(of: name.utf8) else {
      throw try field.member("unk_token").fault("\"\(name)\" is not in the vocabulary")
    }
    unknown = id
    longestWord = try field.member("max_input_chars_per_word").integer(in: 0...Int.max)
    continuation = trie.node(of: try field.member("continuing_subword_prefix").string().utf8)
  }

  func id(of token: String) -> Int32? { trie.value(of: token.utf8) }

  func forEachToken(_ body: (_ token: [UInt8], _ id: Int32) -> Void) {
    trie.forEach(body)
  }

  func tokenize(_ words: Words, limit: Int, into ids: inout [Int32]) {
    let text = words.text.span
    for word in words.ranges {
      if ids.count >= limit { return }
      tokenize(word, of: text, into: &ids)
    }
  }

  private func tokenize(_ word: Range<Int>, of text: Span<UInt8>, into ids: inout [Int32]) {
    if word.count > longestWord, isTooLong(text.extracting(word)) { return ids.append(unknown) }
    let count = ids.count
    var position = word.lowerBound
    var start: Trie.Node? = trie.root
    while position < word.upperBound {
      guard let node = start,
        let match = trie.longestMatch(in: text, from: position, to: word.upperBound, under: node)
      else {
        ids.removeSubrange(count...)
        return ids.append(unknown)
      }
      ids.append(match.value)
      position = match.end
      start = continuation
    }
  }

  private func isTooLong(_ word: Span<UInt8>) -> Bool {
    var characters = 0
    for index in word.indices where word[index] & 0xC0 != 0x80 { characters += 1 }
    return characters > longestWord
  }
}
