import ArgumentParser
import Tensors

/// How many threads a command computes with.
struct ThreadOptions: ParsableArguments {
  @Option(help: "How many threads compute, 0 for all.")
  var threads = 0

  func validate() throws { try Self.check(threads) }

  /// Lets the worker pool have so many.
  func apply() { WorkerPool.setThreadCount(threads) }

  static func check(_ threads: Int) throws {
    guard (0...WorkerPool.mostThreads).contains(threads) else {
      throw ValidationError("--threads: expected 0 to \(WorkerPool.mostThreads), found \(threads)")
    }
  }
}
