import ArgumentParser
import Tensors
import Training

/// What commands that keep embeddings in the store have in common.
struct StoreOptions: ParsableArguments {
  @Option(help: "How many rows are read at most; default: all.")
  var limit: Int?

  @Option(help: "The directory that keeps embeddings, so that none is computed twice.")
  var store = Recipe.Runtime().store

  @Option(help: "How many threads compute, 0 for all.")
  var threads = 0

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit: expected 1 or more") }
    if threads < 0 { throw ValidationError("--threads: expected 0 or more") }
  }

  /// Makes the machine ready.
  func open() throws {
    try MatrixProduct.open()
    WorkerPool.setThreadCount(threads)
  }

  /// The rows of a file.
  func dataset(_ path: String, columns: [String]? = nil) -> Recipe.Dataset {
    var dataset = Recipe.Dataset()
    dataset.paths = [path]
    dataset.columns = columns
    dataset.limit = limit
    return dataset
  }
}
