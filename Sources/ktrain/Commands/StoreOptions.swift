import ArgumentParser
import Tensors
import Training

/// What commands that keep embeddings in the store have in common.
struct StoreOptions: ParsableArguments {
  @Option(help: "How many rows are read at most; default: all.")
  var limit: Int?

  @Option(help: "The directory that keeps embeddings, so that none is computed twice.")
  var store = Recipe.Runtime().store

  @OptionGroup var pool: ThreadOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit: expected 1 or more") }
  }

  /// Makes the machine ready.
  func open() throws {
    try MatrixProduct.open()
    pool.apply()
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
