import JSONValues

/// One `--set key.path=value`.
struct RecipeOverride: Sendable {
  /// The setting as written.
  let text: String
  private let keys: [String]
  private let value: JSONValue

  /// Reads a setting.
  ///
  /// - Throws: ``RecipeError`` with code `badOverride` if it is not of the form `key.path=value`.
  init(_ text: String) throws {
    self.text = text
    guard let sign = text.firstIndex(of: "="),
      let keys = Self.keys(of: text[..<sign]), !keys.isEmpty
    else {
      throw Self.fault(text, "expected key.path=value, as in args.seed=7")
    }
    let written = String(text[text.index(after: sign)...])
    do { value = try JSONValue(parsing: written) } catch { value = .string(written) }
    self.keys = keys
  }

  /// The keys of `a.b[0].c`; nil if one of them is empty.
  private static func keys(of path: Substring) -> [String]? {
    var keys: [String] = []
    for part in path.split(separator: ".", omittingEmptySubsequences: false) {
      let pieces = part.split(separator: "[", omittingEmptySubsequences: false)
      keys.append(String(pieces[0]))
      for index in pieces.dropFirst() {
        guard index.last == "]" else { return nil }
        keys.append(String(index.dropLast()))
      }
    }
    return keys.contains("") ? nil : keys
  }

  /// Replaces or adds the value; objects on the way are made as needed.
  ///
  /// - Throws: ``RecipeError`` with code `badOverride` if the path goes through a value that has no
  ///   members, or to an element that a list does not have.
  func apply(to recipe: inout JSONValue) throws {
    try set(keys[...], in: &recipe, at: .root)
  }

  private func set(_ keys: ArraySlice<String>, in target: inout JSONValue, at place: FieldPath)
    throws
  {
    guard let key = keys.first else {
      target = value
      return
    }
    switch target {
    case .object(var object):
      var member = object[key] ?? .null
      try set(keys.dropFirst(), in: &member, at: place.member(key))
      object[key] = member
      target = .object(object)
    case .array(var elements):
      guard let index = Int(key), elements.indices.contains(index) else {
        throw Self.fault(
          text, "\(place.text) has no element \(key); it has \(elements.count), from 0")
      }
      try set(keys.dropFirst(), in: &elements[index], at: place.element(index))
      target = .array(elements)
    case .null:
      target = [:]
      try set(keys, in: &target, at: place)
    case .string(let path) where place.text == "model":
      target = ["path": .string(path)]
      try set(keys, in: &target, at: place)
    default:
      throw Self.fault(
        text, "\(place.text) is \(target.shown) and has no member \"\(key)\"")
    }
  }

  private static func fault(_ text: String, _ message: String) -> RecipeError {
    var error = RecipeError(.badOverride, message)
    error.source = "--set \(text)"
    return error
  }

  /// Whether the field of an error is one that this setting wrote.
  func isToBlame(for error: RecipeError) -> Bool {
    guard let field = error.field.map(FieldPath.init(text:)) else { return false }
    let normalized = keys.reduce(FieldPath.root) { path, key in
      Int(key).map { path.element($0) } ?? path.member(key)
    }
    return normalized.contains(field) || (error.code == .unknownKey && field.contains(normalized))
  }
}
