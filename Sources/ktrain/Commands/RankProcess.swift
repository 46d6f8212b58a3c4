import Glibc
import Ranks
import Training

/// This process as one of several that share a run: how it ends.
struct RankProcess {
  private let ranks: RankGroup

  init(_ ranks: RankGroup) { self.ranks = ranks }

  /// How long a rank waits for rank 0 to say what both have found.
  private static let grace: UInt32 = 10

  /// Does the rank's part and leaves the group.
  ///
  /// An error ends all ranks, with one line: from rank 0 if it met it too, else from this one with
  /// its name, since a fault of its own machine is nobody else's.
  func run(_ body: () throws -> Void) throws {
    do { try body() } catch let interruption as Interruption {
      try end()
      throw interruption
    } catch {
      if ranks.rank > 0 { sleep(Self.grace) }  // rank 0 ends this process if it speaks
      KTrain.report(error, from: ranks.rank > 0 ? ranks.name(of: ranks.rank) : nil)
      ranks.abort(status: 1)
    }
    try end()
  }

  private func end() throws {
    if ranks.rank == 0 { try RankFollower.dismiss(ranks) }
    ranks.leave()
  }
}
