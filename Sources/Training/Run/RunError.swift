/// A run that cannot start or go on: what, where and the remedy.
public struct RunError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What went wrong, for a caller that decides what to do next.
  public let code: Code
  /// What was found, what was expected and how to put it right.
  public let message: String
  /// The path or field at fault; nil if it is none.
  public let place: String?

  init(_ code: Code, _ message: String, place: String? = nil) {
    self.code = code
    self.message = message
    self.place = place
  }

  /// Place and message on one line.
  public var description: String { place.map { "\($0): \(message)" } ?? message }

  /// What went wrong.
  ///
  /// A structure, so that a new code does not break a caller's `switch`.
  public struct Code: Hashable, Sendable {
    private enum Kind: Hashable { case data, notFinite, output, checkpoint, memory }
    private let kind: Kind
    /// The data does not suit the loss or the arguments.
    public static let data = Code(kind: .data)
    /// A loss or a gradient is not a number or infinite.
    public static let notFinite = Code(kind: .notFinite)
    /// A checkpoint cannot be continued.
    public static let checkpoint = Code(kind: .checkpoint)
    /// The largest step does not fit into the memory there is.
    public static let memory = Code(kind: .memory)
    /// The run's directory cannot be written.
    public static let output = Code(kind: .output)
  }
}
