/// A retrieval task that cannot be evaluated, embeddings that cannot be clustered or mined: what is
/// wrong with the ids, the options or the rows.
public struct RetrievalError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of a ``RetrievalError``.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    private enum Kind { case duplicateID, noRelevantDocuments, cutoff, option, embedding }
    private let kind: Kind

    /// Two queries or two documents share an id.
    public static let duplicateID = Code(kind: .duplicateID)
    /// No query has a relevant document, so that no mean can be taken.
    public static let noRelevantDocuments = Code(kind: .noRelevantDocuments)
    /// A list of cutoffs is empty, or has a cutoff below 1 or twice.
    public static let cutoff = Code(kind: .cutoff)
    /// An option has a value that is out of range, or that the data or another option forbids.
    public static let option = Code(kind: .option)
    /// A row of embeddings has no direction: it is zero or has an element that is not finite.
    public static let embedding = Code(kind: .embedding)

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
