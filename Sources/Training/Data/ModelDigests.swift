internal import Checkpoints

/// The digests of models, each taken once.
final class ModelDigests {
  private let known: [String: FileDigest]
  private var files: [String: ModelFiles] = [:]

  /// - Parameter known: Digests of files that have been read, by their absolute paths.
  init(known: [String: FileDigest] = [:]) { self.known = known }

  /// The files of a directory.
  func files(in directory: String) throws -> ModelFiles {
    if let known = files[directory] { return known }
    let found = try ModelFiles(directory: directory, known: known)
    files[directory] = found
    return found
  }

  /// The digest of all that a model's embeddings depend on.
  func ofModel(in directory: String) throws -> String { try files(in: directory).digest }

  /// The digest of all that its token ids depend on.
  func ofTokenizer(in directory: String) throws -> String {
    try files(in: directory).tokenizerDigest
  }
}
