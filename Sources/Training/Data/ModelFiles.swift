internal import Checkpoints
internal import Encoders
internal import FoundationEssentials

/// The files of a model's directory that its embeddings depend on.
struct ModelFiles: Sendable {
  /// Each file's path within the directory, and its digest.
  let digests: [(path: String, sha256: FileDigest)]

  /// Takes the digests of a directory: configuration, tokenizer and weights, wherever the modules
  /// keep them; copies of the weights in other formats do not count.
  ///
  /// - Parameters:
  ///   - directory: The directory.
  ///   - known: Digests of files that have been read, by their absolute paths.
  /// - Throws: `CheckpointError` if a file cannot be read.
  init(directory: String, known: [String: FileDigest] = [:]) throws {
    let manager = FileManager.default
    var paths: [String] = []
    for name in try manager.contentsOfDirectory(atPath: directory).sorted() {
      var isDirectory = false
      _ = manager.fileExists(atPath: directory + "/" + name, isDirectory: &isDirectory)
      guard isDirectory else {
        paths.append(name)
        continue
      }
      // Modules have folders that begin with their number; others hold exports.
      guard name.first?.isNumber == true else { continue }
      paths += try manager.contentsOfDirectory(atPath: directory + "/" + name).sorted()
        .map { name + "/" + $0 }
    }
    digests = try paths.filter(Self.counts).map {
      let path = directory + "/" + $0
      return ($0, try known[absolute(path)] ?? FileDigest(contentsOf: path))
    }
  }

  private static func counts(_ path: String) -> Bool {
    [".json", ".safetensors", ".model", ".txt"].contains { path.hasSuffix($0) }
  }

  /// One digest of all files.
  var digest: String { Self.digest(of: digests) }

  /// One digest of the tokenizer's files.
  var tokenizerDigest: String {
    Self.digest(
      of: digests.filter { file in
        let name = file.path.split(separator: "/").last.map(String.init) ?? file.path
        return ["tokenizer", "sentencepiece", "sentence_", "vocab"].contains {
          name.hasPrefix($0)
        }
      })
  }

  private static func digest(of files: [(path: String, sha256: FileDigest)]) -> String {
    let list = files.map { "\($0.path) \($0.sha256)\n" }.joined()
    return FileDigest(of: Array(list.utf8)).description
  }
}
