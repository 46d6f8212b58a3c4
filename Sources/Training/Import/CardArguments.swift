/// One `name: value` of a card's lists of hyperparameters.
struct CardArgument: Hashable {
  /// The argument's name.
  let name: String
  /// The value as written: `3e-05`, `None`, `{'xla': False}`.
  let value: String
  /// Whether ``TrainingArguments`` has the name.
  let isKnown: Bool
}

/// Finds the lists of hyperparameters in a card's text, however its lines were broken.
///
/// A card says `- name: value` on each line. Copied from a page it may say `name`, a line end,
/// `: valuenext_name`, a line end, `: value…`: a value and the next name then touch. So each colon
/// is looked at: what stands in front of it is a name, or a value that ends in a name, the longest
/// one known.
struct CardArguments {
  /// The lists in order; the same name stands in a list once.
  private(set) var lists: [[CardArgument]] = []

  private struct Place {
    let name: String
    let start: Int
    let colon: Int
    let isKnown: Bool
  }

  /// Finds the lists in a text.
  init(in text: String) {
    let bytes = Array(text.utf8)
    let places = Self.places(in: bytes)
    var ends: [Int] = []
    for (index, place) in places.enumerated() {
      let next = index + 1 < places.count ? places[index + 1].start : bytes.count
      let line = bytes[(place.colon + 1)...].firstIndex(of: .newline) ?? bytes.count
      ends.append(min(next, line))
      let value = String(decoding: bytes[(place.colon + 1)..<ends[index]], as: UTF8.self)
      let argument = CardArgument(
        name: place.name, value: value.filter { $0 != "`" }.trimmed, isKnown: place.isKnown)
      // Words between two arguments, such as a title, end a list, and so does a name once more.
      let isNext =
        index > 0 && !bytes[ends[index - 1]..<place.start].contains(where: \.isWord)
        && lists[lists.count - 1].allSatisfy { $0.name != place.name }
      if isNext { lists[lists.count - 1].append(argument) } else { lists.append([argument]) }
    }
    lists = lists.compactMap(Self.trusted)
  }

  /// Where a name stands in front of a colon.
  private static func places(in bytes: [UInt8]) -> [Place] {
    let known = Set(TrainingArguments.knownNames)
    var places: [Place] = []
    for colon in bytes.indices where bytes[colon] == UInt8(ascii: ":") {
      if let last = places.last, colon < endOfLiteral(after: last.colon, in: bytes) { continue }
      let end = endOfName(before: colon, in: bytes)
      let start = bytes[..<end].lastIndex { !$0.isWord }.map { $0 + 1 } ?? 0
      guard start < end else { continue }
      let run = String(decoding: bytes[start..<end], as: UTF8.self)
      if known.contains(run) {
        places.append(Place(name: run, start: start, colon: colon, isKnown: true))
        continue
      }
      let isInValue = places.last.map { !bytes[$0.colon..<start].contains(.newline) } ?? false
      guard isInValue else {
        guard isArgumentLike(run), isFirstOfLine(start, in: bytes) else { continue }
        places.append(Place(name: run, start: start, colon: colon, isKnown: false))
        continue
      }
      // The longest end that is a name; else what follows a constant.
      let ends = run.indices.lazy.map { run[$0...] }
      let follows = [UInt8(ascii: "}"), UInt8(ascii: "]")].contains(bytes[start - 1])
      let name =
        ends.first { known.contains(String($0)) } ?? afterConstant(run)
        ?? (follows && isArgumentLike(run) ? run[...] : nil)
      guard let name else { continue }
      let place = start + run[..<name.startIndex].utf8.count
      places.append(
        Place(
          name: String(name), start: place, colon: colon, isKnown: known.contains(String(name))))
    }
    return places
  }

  /// Where the name in front of a colon ends: before marks of emphasis and at most one line end.
  private static func endOfName(before colon: Int, in bytes: [UInt8]) -> Int {
    var (end, lines) = (colon, 0)
    while end > 0 {
      switch bytes[end - 1] {
      case UInt8(ascii: " "), UInt8(ascii: "`"), UInt8(ascii: "*"): break
      case .newline where lines == 0: lines = 1
      default: return end
      }
      end -= 1
    }
    return end
  }

  /// Where the dictionary or list behind a colon ends; the colon itself if there is none on its line.
  private static func endOfLiteral(after colon: Int, in bytes: [UInt8]) -> Int {
    guard let start = bytes[(colon + 1)...].firstIndex(where: { $0 != UInt8(ascii: " ") }),
      [UInt8(ascii: "{"), UInt8(ascii: "[")].contains(bytes[start])
    else { return colon }
    var (depth, quote) = (0, UInt8(0))
    for (place, byte) in bytes[start...].enumerated() {
      switch byte {
      case .newline: return colon
      case UInt8(ascii: "'"), UInt8(ascii: "\""):
        if quote == 0 { quote = byte } else if quote == byte { quote = 0 }
      case UInt8(ascii: "{"), UInt8(ascii: "["): if quote == 0 { depth += 1 }
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if quote == 0 { depth -= 1 }
        if depth == 0 { return start + place }
      default: break
      }
    }
    return colon
  }

  private static func isFirstOfLine(_ place: Int, in bytes: [UInt8]) -> Bool {
    let start = bytes[..<place].lastIndex(of: .newline).map { $0 + 1 } ?? 0
    return !bytes[start..<place].contains(where: \.isWord)
  }

  /// Whether a word looks like an argument's name: `some_name`.
  private static func isArgumentLike(_ word: String) -> Bool {
    word.contains("_")
      && word.utf8.first.map { (UInt8(ascii: "a")...UInt8(ascii: "z")) ~= $0 } == true
      && word == word.lowercased()
  }

  private static func afterConstant(_ run: String) -> Substring? {
    for constant in ["True", "False", "None"] where run.hasPrefix(constant) {
      let name = run.dropFirst(constant.count)
      if isArgumentLike(String(name)) { return name }
    }
    let name = run.drop { $0.isNumber }
    return name.count < run.count && isArgumentLike(String(name)) ? name : nil
  }

  /// What is taken of a list: of less than three known names only the unmistakable ones, lest
  /// `project: …` in prose count as an argument.
  private static func trusted(_ list: [CardArgument]) -> [CardArgument]? {
    if list.count(where: \.isKnown) >= 3 { return list }
    let clear = list.filter { argument in
      argument.isKnown
        && (argument.name.contains("_") || ["seed", "fp16", "bf16"].contains(argument.name))
    }
    return clear.isEmpty ? nil : clear
  }
}

extension UInt8 {
  fileprivate static let newline = UInt8(ascii: "\n")

  /// Whether it is an ASCII letter, digit or underscore.
  fileprivate var isWord: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
