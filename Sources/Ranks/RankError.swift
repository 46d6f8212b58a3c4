/// What can go wrong between the processes of one run, as one line.
public struct RankError: Error, Hashable, CustomStringConvertible {
  /// What happened, and what to do.
  public let description: String

  init(_ description: String) { self.description = description }
}
