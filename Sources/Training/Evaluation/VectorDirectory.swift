internal import Datasets
internal import FoundationEssentials
internal import Tensors

/// The vectors of a BEIR directory's texts, made by any program: a directory with `queries` and `corpus`,
/// each `.npy` (NumPy, float32) or `.h5` (HDF5, dataset `embeddings`), a row for each text in the order
/// of `queries.jsonl` and `corpus.jsonl`.
public struct VectorDirectory: Sendable {
  /// The directory.
  public let path: String
  private let queryFile: VectorFile
  private let documentFile: VectorFile

  /// Opens a directory.
  ///
  /// - Parameter path: The directory.
  /// - Throws: `DatasetError`, or ``RunError`` if a file is missing or their widths differ.
  public init(_ path: String) throws {
    func file(_ name: String) throws -> VectorFile {
      guard let found = Self.file(name, in: path) else {
        throw RunError(
          .data,
          "there is neither \(name).npy nor \(name).h5; expected the vectors of queries and "
            + "corpus", place: path)
      }
      return try VectorFile(path: found)
    }
    (queryFile, documentFile) = (try file("queries"), try file("corpus"))
    guard queryFile.dimension == documentFile.dimension else {
      throw RunError(
        .data,
        "queries have \(queryFile.dimension) dimensions, the corpus \(documentFile.dimension)",
        place: path)
    }
    self.path = path
  }

  /// Whether a directory holds vectors of a corpus.
  public static func isDirectory(_ path: String) -> Bool { file("corpus", in: path) != nil }

  private static func file(_ name: String, in directory: String) -> String? {
    ["npy", "h5"].map { "\(directory)/\(name).\($0)" }
      .first { FileManager.default.fileExists(atPath: $0) }
  }

  func check(queries: Int, documents: Int, of data: String) throws {
    for (name, file, count) in [
      ("queries", queryFile, queries), ("corpus", documentFile, documents),
    ] where file.count != count {
      throw RunError(
        .data,
        "\(name) has \(file.count) vectors, but \(data)/\(name).jsonl has \(count) lines: each needs "
          + "one, in the same order", place: path)
    }
  }

  /// The width to cut vectors to.
  func width(_ truncateDim: Int?) throws -> Int {
    try truncateDim.map { try checkWidth($0, of: queryFile.dimension, in: path) }
      ?? queryFile.dimension
  }

  func queries(_ rows: Range<Int>) throws -> Tensor { try Self.read(queryFile, rows) }

  func documents(_ rows: Range<Int>) throws -> Tensor { try Self.read(documentFile, rows) }

  private static func read(_ file: VectorFile, _ rows: Range<Int>) throws -> Tensor {
    var vectors = Tensor([rows.count, file.dimension]) { _ in }
    try vectors.withMutableElements { try file.read(rows: rows, into: $0) }
    return vectors
  }
}
