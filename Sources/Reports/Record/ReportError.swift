/// A run's directory that there is nothing to report of: what, where and the remedy.
public struct ReportError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was found, what was expected and how to put it right.
  public let message: String
  /// The absolute path.
  public let path: String

  /// Path and message on one line.
  public var description: String { "\(path): \(message)" }
}
