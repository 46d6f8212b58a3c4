/// A tokenizer's file that cannot be read, or asks for something that is not supported.
public struct TokenizerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What went wrong, for a caller that decides what to do next.
  public let code: Code
  /// What went wrong and how to put it right, for a reader of the log.
  public let message: String
  /// The path of the file at fault.
  public let path: String
  /// Where in the file, as `normalizer.strip_accents` or `added_tokens[3].id`; nil if it is the
  /// file as a whole.
  public let field: String?

  /// Path, place and message in one line.
  public var description: String {
    field.map { "\(path): \($0): \(message)" } ?? "\(path): \(message)"
  }
}

extension TokenizerError {
  /// What kind of fault a ``TokenizerError`` reports.
  ///
  /// A structure and not an enumeration, so that a new code does not break a caller's `switch`.
  public struct Code: Hashable, Sendable {
    private enum Kind: Hashable { case unreadable, malformed, unsupported }
    private let kind: Kind

    /// The file is missing, or cannot be read.
    public static let unreadable = Self(kind: .unreadable)
    /// The file is not what it says it is, or contradicts itself.
    public static let malformed = Self(kind: .malformed)
    /// The file asks for a step or an option that is not implemented.
    public static let unsupported = Self(kind: .unsupported)
  }
}
