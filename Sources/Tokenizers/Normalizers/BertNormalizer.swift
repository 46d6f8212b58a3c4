/// What BERT does to a text: cleaning, spaces around ideographs, accents off, lower case, in this
/// order.
struct BertNormalizer: Normalizer {
  /// Removes controls and the like, and makes a space of all white space.
  let cleansText: Bool
  let padsIdeographs: Bool
  /// Decomposes (NFD) and removes nonspacing marks.
  let stripsAccents: Bool
  let lowercases: Bool

  private let classes = CharacterClasses.shared
  /// What becomes of each character of ASCII; `removed` for nothing.
  private let ascii: [UInt8]
  private static let removed: UInt8 = 0xFF

  init(cleansText: Bool, padsIdeographs: Bool, stripsAccents: Bool, lowercases: Bool) {
    self.cleansText = cleansText
    self.padsIdeographs = padsIdeographs
    self.stripsAccents = stripsAccents
    self.lowercases = lowercases
    var ascii = [UInt8](0..<128)
    for byte in ascii.indices {
      let properties = CharacterClasses.shared[UInt32(byte)]
      if lowercases && properties.contains(.hasLowercase) { ascii[byte] |= 0x20 }
      if cleansText && properties.contains(.whitespace) { ascii[byte] = 0x20 }
      if cleansText && properties.contains(.removed) { ascii[byte] = Self.removed }
    }
    self.ascii = ascii
  }

  init(_ field: Field) throws(TokenizerError) {
    try field.allowOnly(
      "type", "clean_text", "handle_chinese_chars", "strip_accents", "lowercase")
    let lowercases = try field.member("lowercase").bool()
    self.init(
      cleansText: try field.member("clean_text").bool(),
      padsIdeographs: try field.member("handle_chinese_chars").bool(),
      stripsAccents: try field["strip_accents"]?.bool() ?? lowercases, lowercases: lowercases)
  }

  func normalize(_ text: Span<UInt8>, into output: inout [UInt8]) {
    output.reserveCapacity(output.count + text.count + text.count / 2)
    var marks = MovableMarks()
    var position = 0
    while position < text.count {
      let byte = text[position]
      if byte < 0x80 {
        position += 1
        let mapped = ascii[Int(byte)]
        if mapped == Self.removed { continue }
        if !marks.isEmpty { flush(&marks, into: &output) }
        output.append(mapped)
      } else {
        let (codePoint, length) = text.codePoint(at: position)
        position += length
        append(codePoint, to: &output, &marks)
      }
    }
    flush(&marks, into: &output)
  }

  /// Takes a character beyond ASCII through all steps.
  private func append(
    _ codePoint: UInt32, to output: inout [UInt8], _ marks: inout MovableMarks
  ) {
    let properties = classes[codePoint]
    if cleansText {
      if properties.contains(.removed) { return }
      if properties.contains(.whitespace) {
        flush(&marks, into: &output)
        return output.append(0x20)
      }
    }
    let isPadded = padsIdeographs && properties.contains(.ideograph)
    if isPadded {
      flush(&marks, into: &output)
      output.append(0x20)
    }
    if stripsAccents {
      strip(codePoint, properties, to: &output, &marks)
    } else {
      appendCase(of: codePoint, to: &output)
    }
    if isPadded {
      flush(&marks, into: &output)
      output.append(0x20)
    }
  }

  private func strip(
    _ codePoint: UInt32, _ properties: CharacterClass, to output: inout [UInt8],
    _ marks: inout MovableMarks
  ) {
    if !properties.contains(.nonstarter) { flush(&marks, into: &output) }
    if properties.contains(.accent) { return }
    if properties.contains(.decomposes) {
      classes.forEachStripped(codePoint) { part in
        strip(part, classes[part], to: &output, &marks)
      }
    } else if properties.contains(.nonstarter) {
      marks.insert(codePoint, rank: classes.rank(of: codePoint))
    } else {
      appendCase(of: codePoint, to: &output)
    }
  }

  private func flush(_ marks: inout MovableMarks, into output: inout [UInt8]) {
    for codePoint in marks.removeAll() { appendCase(of: codePoint, to: &output) }
  }

  private func appendCase(of codePoint: UInt32, to output: inout [UInt8]) {
    if lowercases {
      classes.appendLowercase(of: codePoint, to: &output)
    } else {
      output.append(codePoint: codePoint)
    }
  }
}

/// The marks since the last starter, in canonical order.
///
/// Most texts have none.
private struct MovableMarks {
  private var marks: [(codePoint: UInt32, rank: UInt32)] = []

  var isEmpty: Bool { marks.isEmpty }

  mutating func insert(_ codePoint: UInt32, rank: UInt32) {
    let place = marks.lastIndex { $0.rank <= rank }.map { $0 + 1 } ?? 0
    marks.insert((codePoint, rank), at: place)
  }

  mutating func removeAll() -> [UInt32] {
    if marks.isEmpty { return [] }
    defer { marks.removeAll() }
    return marks.map(\.codePoint)
  }
}
