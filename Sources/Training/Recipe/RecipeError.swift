/// A recipe that cannot be read, or that asks for what is not there: what, where and the remedy.
public struct RecipeError: Error, Hashable, Sendable {
  /// What went wrong, for a caller that decides what to do next.
  public let code: Code
  /// What was expected, what was found and how to put it right.
  public let message: String
  /// The field at fault as a path (`args.learning_rate`, `evaluators[0].name`); nil if the fault
  /// is none of a field.
  public let field: String?
  /// Where the recipe came from: an absolute path, or `--set` for what an override wrote.
  public internal(set) var source: String?
  /// The line of a fault in the JSON text, from 1.
  public internal(set) var line: Int?
  /// The column of a fault in the JSON text, in bytes from 1.
  public internal(set) var column: Int?

  init(_ code: Code, _ message: String, at path: FieldPath? = nil) {
    self.code = code
    self.message = message
    field = path.flatMap { $0.text.isEmpty ? nil : $0.text }
  }
}

extension RecipeError: CustomStringConvertible {
  /// Everything on one line: `/data/r.json: args.seed: expected an integer ≥ 0, found "x"`.
  public var description: String {
    var place = source
    if let line, let column { place = "\(place ?? "recipe"), line \(line), column \(column)" }
    return [place, field, message].compactMap(\.self).joined(separator: ": ")
  }
}

extension RecipeError {
  /// What kind of fault it is; a structure, so that a new kind does not break a caller's `switch`.
  public struct Code: Hashable, Sendable {
    private enum Kind: Hashable {
      case unreadable, malformed, badOverride, unknownKey, missingKey, wrongType, invalidValue
      case conflict, unsupported
    }
    private let kind: Kind

    /// The file cannot be read.
    public static let unreadable = Self(kind: .unreadable)
    /// The file is not JSON.
    public static let malformed = Self(kind: .malformed)
    /// A `--set` argument is not `key.path=value`, or its path leads nowhere.
    public static let badOverride = Self(kind: .badOverride)
    /// A key that no block of this kind has.
    public static let unknownKey = Self(kind: .unknownKey)
    /// A required key is missing.
    public static let missingKey = Self(kind: .missingKey)
    /// A value of another kind than the field takes.
    public static let wrongType = Self(kind: .wrongType)
    /// A value of the right kind that the field does not allow.
    public static let invalidValue = Self(kind: .invalidValue)
    /// Two fields contradict each other.
    public static let conflict = Self(kind: .conflict)
    /// A feature of sentence-transformers that ktrain does not have, or not yet.
    public static let unsupported = Self(kind: .unsupported)
  }
}
