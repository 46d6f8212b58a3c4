import JSONValues

/// Replaces characters and short grapheme clusters by what a character map of sentencepiece has
/// for them.
///
/// A cluster of less than 6 bytes is looked up as a whole, but the *shortest* beginning of it that
/// is in the map replaces all of it; longer clusters, and those without such a beginning, go
/// character by character. This is what the reference does, and models are trained with it.
struct Precompiled: Normalizer {
  private let map: CharacterMap
  private let classes = GraphemeClasses.shared
  /// Whether the map has something for each character of ASCII.
  private let isMapped: [Bool]

  init(_ map: CharacterMap) {
    self.map = map
    isMapped = (UInt8(0)..<128).map {
      map.replacement(in: [$0].span, 0..<1) != nil
    }
  }

  init(_ field: Field) throws(TokenizerError) {
    try field.allowOnly("type", "precompiled_charsmap")
    let text = try field.member("precompiled_charsmap")
    guard let bytes = base64Decoded(try text.string()) else {
      throw text.fault("this is not base64")
    }
    do throws(CharacterMap.Fault) {
      self.init(try CharacterMap(bytes.span))
    } catch {
      throw text.fault("this is no character map: \(error.message)")
    }
  }

  func normalize(_ text: Span<UInt8>, into output: inout [UInt8]) {
    output.reserveCapacity(output.count + text.count + text.count / 4)
    var breaker = GraphemeBreaker()
    var copied = 0
    var start = 0
    var position = 0
    while position < text.count {
      let byte = text[position]
      // Where two characters of ASCII meet, a cluster ends, except within CR LF.
      if start == position, byte < 0x80, position + 1 == text.count || text[position + 1] < 0x80 {
        let isPair = byte == 0x0D && position + 1 < text.count && text[position + 1] == 0x0A
        position += isPair ? 2 : 1
        if isPair || isMapped[Int(byte)] {
          replace(start..<position, of: text, copied: &copied, in: &output)
        }
        start = position
        breaker = GraphemeBreaker()
        continue
      }
      let (codePoint, length) = text.codePoint(at: position)
      if breaker.breaks(before: classes[codePoint]), start < position {
        replace(start..<position, of: text, copied: &copied, in: &output)
        start = position
        if byte == 0x0D {  // it may be the first of CR LF: see above
          breaker = GraphemeBreaker()
          continue
        }
      }
      position += length
    }
    replace(start..<position, of: text, copied: &copied, in: &output)
    output.append(text, copied..<text.count)
  }

  /// Takes one cluster to the map.
  ///
  /// What the map does not replace is copied with what follows, up to the next replacement; `copied`
  /// is how far the text is in the output.
  @inline(__always)
  private func replace(
    _ cluster: Range<Int>, of text: Span<UInt8>, copied: inout Int, in output: inout [UInt8]
  ) {
    if cluster.isEmpty { return }
    if cluster.count < 6, let replacement = map.replacement(in: text, cluster) {
      output.append(text, copied..<cluster.lowerBound)
      map.append(replacement, to: &output)
      copied = cluster.upperBound
    } else if cluster.count > UTF8Length.of(text[cluster.lowerBound]) {
      replaceCharacters(cluster, of: text, copied: &copied, in: &output)
    }
  }

  private func replaceCharacters(
    _ cluster: Range<Int>, of text: Span<UInt8>, copied: inout Int, in output: inout [UInt8]
  ) {
    var position = cluster.lowerBound
    while position < cluster.upperBound {
      let next = position + UTF8Length.of(text[position])
      if let replacement = map.replacement(in: text, position..<next) {
        output.append(text, copied..<position)
        map.append(replacement, to: &output)
        copied = next
      }
      position = next
    }
  }
}
