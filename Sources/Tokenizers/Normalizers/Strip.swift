/// Takes white space off the ends of a text.
struct Strip: Normalizer {
  let stripsLeft: Bool
  let stripsRight: Bool

  init(_ field: Field) throws(TokenizerError) {
    try field.allowOnly("type", "strip_left", "strip_right")
    stripsLeft = try field.member("strip_left").bool()
    stripsRight = try field.member("strip_right").bool()
  }

  func normalize(_ text: Span<UInt8>, into output: inout [UInt8]) {
    let start = stripsLeft ? text.whitespaceLength(from: 0) : 0
    let end = text.count - (stripsRight ? text.whitespaceLength(before: text.count) : 0)
    if start < end { output.append(text, start..<end) }
  }
}
