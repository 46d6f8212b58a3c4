/// A model directory that cannot be used: what is wrong, in which file and field, and what to do.
public struct EncoderError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What went wrong, for a caller that decides what to do next.
  public let code: Code
  /// What was expected, what was found, and the remedy.
  public let message: String
  /// The absolute path of the file or directory at fault.
  public let path: String
  /// The field of the file at fault, if one is.
  public let field: String?

  /// Creates an error.
  ///
  /// - Parameters:
  ///   - code: What went wrong.
  ///   - message: What was expected, what was found, and the remedy.
  ///   - path: The file or directory at fault.
  ///   - field: The field of the file at fault.
  public init(_ code: Code, _ message: String, path: String, field: String? = nil) {
    self.code = code
    self.message = message
    self.path = path
    self.field = field
  }

  /// Path, field and message on one line.
  public var description: String { "\(path): \(field.map { "\($0): " } ?? "")\(message)" }

  /// What went wrong.
  ///
  /// A structure, so that a new code does not break a caller's `switch`.
  public struct Code: Hashable, Sendable {
    private enum Kind: Hashable { case missing, malformed, unsupported, shape }
    private let kind: Kind
    /// A file, field or tensor that is needed is not there.
    public static let missing = Code(kind: .missing)
    /// A file or field is not of the form it should have.
    public static let malformed = Code(kind: .malformed)
    /// The model has a part that this version has no code for.
    public static let unsupported = Code(kind: .unsupported)
    /// A tensor has another shape than the configuration says.
    public static let shape = Code(kind: .shape)
  }
}
