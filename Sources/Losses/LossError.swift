/// An argument of a loss that cannot be honoured.
public struct LossError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of a ``LossError``.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    private enum Kind { case value, combination }
    private let kind: Kind

    /// The value is outside the argument's range.
    public static let value = Code(kind: .value)
    /// The value does not go with another argument's.
    public static let combination = Code(kind: .combination)

    /// The kind in one word.
    public var description: String { "\(kind)" }
  }

  /// What went wrong, for a caller that decides what to do next.
  public let code: Code
  /// The argument at fault, as sentence-transformers calls it.
  public let argument: String
  /// The value found, what is wrong with it, and how to put it right.
  public let message: String

  /// One line: argument and message.
  public var description: String { "\(argument): \(message)" }

  init(_ code: Code, _ argument: String, _ message: String) {
    self.code = code
    self.argument = argument
    self.message = message
  }

  /// Checks that a number is in its argument's range.
  static func check(_ isInRange: Bool, _ argument: String, _ value: Double, _ range: String) throws
  {
    guard isInRange, value.isFinite else {
      throw LossError(.value, argument, "\(value) is not possible: give a finite number\(range)")
    }
  }
}
