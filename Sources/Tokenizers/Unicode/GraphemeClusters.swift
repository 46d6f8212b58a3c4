/// How a character joins its neighbours in a grapheme cluster.
enum GraphemeClass: UInt8, Sendable {
  case other = 0
  case control
  /// Goes on with the cluster before it; so do the next four.
  case extend
  /// An `extend` that may stand between a linker and the consonants it links.
  case conjunctExtend
  case linker
  case joiner
  case spacingMark
  /// Takes what follows into its cluster.
  case prepend
  case pictograph
  case consonant
  // Hangul: leading consonants, vowels, trailing consonants, and syllables of two and of three.
  case leading
  case vowel
  case trailing
  case syllable
  case closedSyllable
}

/// The grapheme class of every code point.
struct GraphemeClasses: Sendable {
  static let shared = GraphemeClasses()

  private let classes: [GraphemeClass]

  private init() {
    var classes = [GraphemeClass](repeating: .other, count: 0x110000)
    classes[0] = .control
    for index in stride(from: 0, to: GraphemeTables.runs.count, by: 3) {
      let value = GraphemeClass(rawValue: UInt8(GraphemeTables.runs[index + 2])) ?? .other
      for codePoint in GraphemeTables.runs[index]...GraphemeTables.runs[index + 1] {
        classes[Int(codePoint)] = value
      }
    }
    for codePoint in 0xAC00...0xD7A3 {
      classes[codePoint] = (codePoint - 0xAC00) % 28 == 0 ? .syllable : .closedSyllable
    }
    self.classes = classes
  }

  @inline(__always)
  subscript(codePoint: UInt32) -> GraphemeClass { classes[Int(codePoint)] }
}

/// Tells, character by character, where a text's grapheme clusters end (Unicode Standard Annex
/// #29, §3.1.1).
///
/// Pairs of regional indicators are left out: their clusters are too long for anyone here to ask.
struct GraphemeBreaker {
  /// The class of the last character; a control lets nothing join.
  private var last = GraphemeClass.control
  /// Whether a pictograph and then only marks led here, and whether a joiner came after them.
  private var isPictograph = false
  private var joinsPictograph = false
  /// Whether a consonant and then only its marks led here, and whether a linker was among them.
  private var isConjunct = false
  private var isLinked = false

  /// Whether a cluster ends before a character of class `next`, which is the next of the text.
  @inline(__always)
  mutating func breaks(before next: GraphemeClass) -> Bool {
    let breaks = isBoundary(before: next)
    switch next {
    case .extend, .conjunctExtend, .linker, .joiner, .spacingMark:
      joinsPictograph = isPictograph && next == .joiner
      isPictograph = isPictograph && next != .joiner && next != .spacingMark
      isLinked = isConjunct && (isLinked || next == .linker)
      isConjunct = isConjunct && next != .extend && next != .spacingMark
      isLinked = isLinked && isConjunct
    default:
      isPictograph = next == .pictograph
      isConjunct = next == .consonant
      joinsPictograph = false
      isLinked = false
    }
    last = next
    return breaks
  }

  @inline(__always)
  private func isBoundary(before next: GraphemeClass) -> Bool {
    if last == .control { return true }
    switch next {
    case .control: return true
    case .extend, .conjunctExtend, .linker, .joiner, .spacingMark: return false
    default: break
    }
    switch (last, next) {
    case (.prepend, _): return false
    case (.leading, .leading), (.leading, .vowel), (.leading, .syllable),
      (.leading, .closedSyllable):
      return false
    case (.syllable, .vowel), (.syllable, .trailing), (.vowel, .vowel), (.vowel, .trailing):
      return false
    case (.closedSyllable, .trailing), (.trailing, .trailing): return false
    case (_, .pictograph): return !joinsPictograph
    case (_, .consonant): return !isLinked
    default: return true
    }
  }
}
