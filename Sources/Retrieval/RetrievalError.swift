/// A retrieval task that cannot be evaluated: what is wrong with its ids or its cutoffs.
public struct RetrievalError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of a ``RetrievalError``.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    private enum Kind { case duplicateID, noRelevantDocuments, cutoff }
    private let kind: Kind

    /// Two queries or two documents share an id.
    public static let duplicateID = Code(kind: .duplicateID)
    /// No query has a relevant document, so that no mean can be taken.
    public static let noRelevantDocuments = Code(kind: .noRelevantDocuments)
    /// A list of cutoffs is empty, or has a cutoff below 1 or twice.
    public static let cutoff = Code(kind: .cutoff)

    /// The kind in one word.
    public var description: String { "\(kind)" }
  }

  /// What went wrong, for a caller that decides what to do next.
  public let code: Code
  /// What went wrong and how to put it right, in one line.
  public let message: String

  /// The message.
  public var description: String { message }

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}
