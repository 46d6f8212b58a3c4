/// A text that is not JSON: what is wrong, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was expected and what was found.
  public let message: String
  /// The line of the fault, from 1.
  public let line: Int
  /// The column of the fault in bytes, from 1.
  public let column: Int

  /// Place and message on one line.
  public var description: String { "line \(line), column \(column): \(message)" }
}
