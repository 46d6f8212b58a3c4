/// What a step needs to know of a character; several may hold at once.
struct CharacterClass: OptionSet, Sendable {
  let rawValue: UInt8

  static let whitespace = Self(rawValue: 1)
  /// A control, a format or private: no part of a clean text.
  static let removed = Self(rawValue: 2)
  static let punctuation = Self(rawValue: 4)
  /// A nonspacing mark.
  static let accent = Self(rawValue: 8)
  /// Its canonical decomposition is not itself.
  static let decomposes = Self(rawValue: 16)
  /// It, or the first of its decomposition, can change places with a neighbour under canonical
  /// ordering.
  static let nonstarter = Self(rawValue: 32)
  static let hasLowercase = Self(rawValue: 64)
  static let ideograph = Self(rawValue: 128)
}

/// The tables of ``UnicodeTables`` in the form in which they are looked up.
struct CharacterClasses: Sendable {
  static let shared = CharacterClasses()

  /// One byte for each code point: a megabyte, of which a text touches a few lines.
  private let classes: [UInt8]
  /// The code points of ``UnicodeTables/stripped`` in order, and where their decomposition starts.
  private let strippedCodePoints: [UInt32]
  private let strippedStarts: [Int]
  private let ranks: [UInt32: UInt32]

  private init() {
    var classes = [UInt8](repeating: 0, count: 0x110000)
    func mark(_ ranges: [UInt32], _ value: CharacterClass) {
      for index in stride(from: 0, to: ranges.count, by: 2) {
        for codePoint in Int(ranges[index])...Int(ranges[index + 1]) {
          classes[codePoint] |= value.rawValue
        }
      }
    }
    mark(UnicodeTables.whitespace, .whitespace)
    mark(UnicodeTables.removed, .removed)
    mark(UnicodeTables.punctuation, .punctuation)
    mark(UnicodeTables.accents, .accent)
    mark(UnicodeTables.ideographs, .ideograph)
    mark(UnicodeTables.nonstarters, .nonstarter)
    mark([Hangul.first, Hangul.last], .decomposes)
    var codePoints: [UInt32] = []
    var starts: [Int] = []
    var position = 0
    while position < UnicodeTables.stripped.count {
      codePoints.append(UnicodeTables.stripped[position])
      starts.append(position + 1)
      classes[Int(UnicodeTables.stripped[position])] |= CharacterClass.decomposes.rawValue
      while UnicodeTables.stripped[position] != 0 { position += 1 }
      position += 1
    }
    for run in LowercaseRun.all {
      for codePoint in stride(from: run.first, through: run.last, by: Int(run.stride)) {
        classes[Int(codePoint)] |= CharacterClass.hasLowercase.rawValue
      }
    }
    classes[0x130] |= CharacterClass.hasLowercase.rawValue
    var ranks: [UInt32: UInt32] = [:]
    for index in stride(from: 0, to: UnicodeTables.movable.count, by: 2) {
      ranks[UnicodeTables.movable[index]] = UnicodeTables.movable[index + 1]
    }
    self.classes = classes
    self.ranks = ranks
    strippedCodePoints = codePoints
    strippedStarts = starts
  }

  @inline(__always)
  subscript(codePoint: UInt32) -> CharacterClass {
    CharacterClass(rawValue: classes[Int(codePoint)])
  }

  /// The place of a nonstarter that is no accent in canonical ordering; lower comes first.
  func rank(of codePoint: UInt32) -> UInt32 { ranks[codePoint] ?? 0 }

  /// Calls `body` with each character of the canonical decomposition of `codePoint`, a character
  /// that decomposes, leaving out accents.
  func forEachStripped(_ codePoint: UInt32, _ body: (UInt32) -> Void) {
    if (Hangul.first...Hangul.last).contains(codePoint) {
      return Hangul.forEachJamo(of: codePoint, body)
    }
    var position = strippedStarts[strippedCodePoints.partitioningIndex { $0 >= codePoint }]
    while UnicodeTables.stripped[position] != 0 {
      body(UnicodeTables.stripped[position])
      position += 1
    }
  }

  /// Appends the lower case of `codePoint`.
  @inline(__always)
  func appendLowercase(of codePoint: UInt32, to text: inout [UInt8]) {
    if !self[codePoint].contains(.hasLowercase) {
      text.append(codePoint: codePoint)
    } else if codePoint < 0x80 {
      text.append(UInt8(codePoint) | 0x20)
    } else {
      appendLowercase(ofCased: codePoint, to: &text)
    }
  }

  @inline(never)
  private func appendLowercase(ofCased codePoint: UInt32, to text: inout [UInt8]) {
    if codePoint == 0x130 {  // the only character whose lower case is two
      text.append(codePoint: 0x69)
      text.append(codePoint: 0x307)
      return
    }
    let run = LowercaseRun.all[
      LowercaseRun.all.partitioningIndex { $0.last >= Int32(codePoint) }]
    text.append(codePoint: UInt32(Int32(codePoint) + run.distance))
  }
}

/// Code points at an even stride that lie equally far from their lower case.
private struct LowercaseRun: Sendable {
  let first: Int32
  let last: Int32
  let stride: Int32
  let distance: Int32

  static let all = Swift.stride(from: 0, to: UnicodeTables.lowercase.count, by: 4).map {
    LowercaseRun(
      first: UnicodeTables.lowercase[$0], last: UnicodeTables.lowercase[$0 + 1],
      stride: UnicodeTables.lowercase[$0 + 2], distance: UnicodeTables.lowercase[$0 + 3])
  }
}

/// The syllables that decompose by arithmetic (The Unicode Standard, §3.12).
private enum Hangul {
  static let first: UInt32 = 0xAC00
  static let last: UInt32 = 0xD7A3

  static func forEachJamo(of syllable: UInt32, _ body: (UInt32) -> Void) {
    let index = syllable - first
    body(0x1100 + index / 588)
    body(0x1161 + index % 588 / 28)
    if index % 28 > 0 { body(0x11A7 + index % 28) }
  }
}

extension Array {
  /// The first position whose element fulfils `condition`, given that none before does and all
  /// after do; `count` if there is none.
  func partitioningIndex(_ condition: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
