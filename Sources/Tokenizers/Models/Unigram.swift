import JSONValues

/// Cuts a word into the tokens whose scores add up to the most; what no token covers is unknown.
///
/// Reference: Kudo, 2018, "Subword Regularization", <https://arxiv.org/abs/1804.10959>, §3.2.
struct Unigram: Model {
  /// The tokens and their scores, ready for use.
  struct Vocabulary: Hashable, Sendable {
    let trie: Trie
    /// The logarithms of the tokens' probabilities, by id.
    let scores: [Double]
  }

  let vocabulary: Vocabulary
  private let unknown: Int32
  /// The score of a character that is no token: worse than that of any token.
  private let unknownScore: Double

  private static let unknownPenalty = 10.0

  var count: Int { vocabulary.scores.count }
  var highestID: Int32 { Int32(count) - 1 }

  /// Reads the model; `vocab` is left aside if the vocabulary is known already.
  init(_ field: Field, vocabulary known: Vocabulary? = nil) throws(TokenizerError) {
    try field.allowOnly("type", "unk_id", "vocab", "byte_fallback")
    if let fallback = field["byte_fallback"], try fallback.bool() {
      throw fallback.fault("only false is supported", code: .unsupported)
    }
    let vocabulary = if let known { known } else { try Vocabulary(try field.member("vocab")) }
    let id = try field.member("unk_id")
    guard !vocabulary.scores.isEmpty else { throw id.fault("the vocabulary is empty") }
    unknown = Int32(try id.integer(in: 0...vocabulary.scores.count - 1))
    self.vocabulary = vocabulary
    unknownScore = (vocabulary.scores.min() ?? 0) - Self.unknownPenalty
  }

  func id(of token: String) -> Int32? { vocabulary.trie.value(of: token.utf8) }

  func forEachToken(_ body: (_ token: [UInt8], _ id: Int32) -> Void) {
    vocabulary.trie.forEach(body)
  }

  func tokenize(_ words: Words, limit: Int, into ids: inout [Int32]) {
    var longest = 0
    for word in words.ranges { longest = max(longest, word.count) }
    var lattice = [Arc](repeating: Arc(), count: longest + 1)
    // The walk over the trie takes nearly all the time: no array is checked in it.
    vocabulary.trie.units.withUnsafeBufferPointer { units in
      vocabulary.scores.withUnsafeBufferPointer { scores in
        words.text.withUnsafeBufferPointer { text in
          lattice.withUnsafeMutableBufferPointer { lattice in
            for range in words.ranges {
              if ids.count >= limit { return }
              let word = UnsafeBufferPointer(rebasing: text[range])
              findBestPath(word, units, scores, lattice)
              appendBestPath(word, units, lattice, to: &ids)
            }
          }
        }
      }
    }
  }

  /// The last token of the best way to a place in a word, and that way's score.
  private struct Arc {
    var score = 0.0
    /// Where the token starts; negative as long as no way leads to the place.
    var start: Int32 = -1
    var id: Int32 = 0

    /// Ends the way in another token if its score is better.
    @inline(__always)
    mutating func improve(_ score: Double, start: Int, id: Int32) {
      if self.start < 0 || score > self.score {
        self = Arc(score: score, start: Int32(truncatingIfNeeded: start), id: id)
      }
    }
  }

  /// Fills `lattice` for each place in a word where a character ends.
  ///
  /// Of equal scores the first that is found stays: the one whose last token is longest.
  private func findBestPath(
    _ word: UnsafeBufferPointer<UInt8>, _ units: UnsafeBufferPointer<UInt64>,
    _ scores: UnsafeBufferPointer<Double>, _ lattice: UnsafeMutableBufferPointer<Arc>
  ) {
    for place in 1...word.count { lattice[place].start = -1 }
    lattice[0].score = 0
    let root = Trie.root(of: units)
    var start = 0
    while start < word.count {
      let score = lattice[start].score
      let next = start + UTF8Length.of(word[start])
      var hasCharacter = false
      var node = root
      var end = start
      while end < word.count, let child = Trie.child(of: node, under: word[end], in: units) {
        node = child
        end += 1
        guard let id = node.value else { continue }
        lattice[end].improve(score + scores[Int(id)], start: start, id: id)
        if end == next { hasCharacter = true }
      }
      if !hasCharacter {
        lattice[next].improve(score + unknownScore, start: start, id: unknown)
      }
      start = next
    }
  }

  /// Appends the ids of the best path; unknown characters in a row are one token, and if the
  /// vocabulary has that token after all, it is that one.
  private func appendBestPath(
    _ word: UnsafeBufferPointer<UInt8>, _ units: UnsafeBufferPointer<UInt64>,
    _ lattice: UnsafeMutableBufferPointer<Arc>, to ids: inout [Int32]
  ) {
    let first = ids.count
    var end = word.count
    while end > 0 {
      var start = Int(lattice[end].start)
      var id = lattice[end].id
      if id == unknown {
        while start > 0, lattice[start].id == unknown { start = Int(lattice[start].start) }
        id = vocabulary.trie.value(of: word[start..<end]) ?? unknown
      }
      ids.append(id)
      end = start
    }
    var (one, other) = (first, ids.count - 1)
    while one < other {
      ids.swapAt(one, other)
      one += 1
      other -= 1
    }
  }
}

extension Unigram.Vocabulary {
  /// Reads `vocab`: pairs of token and score, whose places are the ids.
  init(_ field: Field) throws(TokenizerError) {
    guard let entries = field.value.array else { throw field.expected("an array") }
    var keys = ByteStrings()
    var scores: [Double] = []
    scores.reserveCapacity(entries.count)
    for (index, entry) in entries.enumerated() {
      guard case .array(let pair) = entry, pair.count == 2, let token = pair[0].string,
        let score = pair[1].double
      else { throw field.element(index, entry).fault("expected a token and its score") }
      keys.append(token.utf8)
      scores.append(score)
    }
    do throws(Trie.BuildingError) {
      try self.init(keys, scores)
    } catch {
      throw field.element(error.index, entries[error.index]).fault(error.message)
    }
  }

  /// Makes a vocabulary of tokens and their scores.
  init(_ keys: ByteStrings, _ scores: [Double]) throws(Trie.BuildingError) {
    trie = try Trie(keys: keys, values: Array(0..<Int32(keys.count)))
    self.scores = scores
  }
}
