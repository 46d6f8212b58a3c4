import Dispatch
import Glibc
import JSONValues
import Synchronization

/// The list of a directory's files with their sizes and digests, kept in it as `manifest.json`.
///
///     {"files": {"1_Pooling/config.json": {"size": 191, "sha256": "4be450dd…"}, …}}
///
/// The manifest is written last, so a directory without one, or one that does not fit it, is not
/// whole.
public struct Manifest: Hashable, Sendable {
  /// The manifest's own file, which it does not list.
  public static let fileName = "manifest.json"

  /// One file of the directory.
  public struct File: Hashable, Sendable {
    /// The path relative to the directory, its components separated by `/`.
    public let path: String
    /// The size in bytes.
    public let size: Int
    /// The digest of the contents.
    public let sha256: FileDigest
  }

  /// The files, sorted by the bytes of their paths.
  public let files: [File]

  /// The manifest of the files that are in a directory and below it now.
  ///
  /// - Throws: ``CheckpointError`` if a file cannot be read, or something is neither a file nor a
  ///   directory.
  public init(of directory: String) throws(CheckpointError) {
    var files: [File] = []
    for path in try Self.paths(in: directory) where path != Self.fileName {
      files.append(try Self.file(path, in: directory) { WrittenDigests.digest(of: $0, $1) })
    }
    self.files = files
  }

  /// Reads a directory's manifest.
  ///
  /// - Throws: ``CheckpointError`` if there is none or it is malformed.
  public init(reading directory: String) throws(CheckpointError) {
    let path = directory + "/" + Self.fileName
    let file = try MappedFile(path)
    func fault(_ message: String) -> CheckpointError { CheckpointError(.manifest, path, message) }
    let value: JSONValue
    do { value = try JSONValue(parsing: file.bytes) } catch { throw fault("\(error)") }
    guard let members = value["files"]?.object?.members else { throw fault("no object \"files\"") }
    var files: [File] = []
    for (path, entry) in members {
      let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      guard parts.allSatisfy({ !$0.isEmpty && !$0.elementsEqual("..".utf8) }) else {
        throw fault("\(quoted(path)) leads out of the directory")
      }
      guard case .integer(let size)? = entry["size"], let text = entry["sha256"]?.string,
        let digest = FileDigest(hexadecimal: text)
      else { throw fault("\(quoted(path)) has no size, or no sha256 of 64 digits") }
      files.append(File(path: path, size: size, sha256: digest))
    }
    self.files = files.sorted { precedes($0.path, $1.path) }
  }

  /// Checks that a directory has a manifest and every file of it as it was written; files that the
  /// manifest does not list are let be.
  ///
  /// - Throws: ``CheckpointError`` for the first file that is missing, unreadable or changed.
  ///
  /// Files are hashed side by side, as many as there are processors.
  public static func verify(_ directory: String) throws(CheckpointError) {
    let files = try Manifest(reading: directory).files
    let outcomes = Mutex([Int: Result<File, CheckpointError>]())
    // The largest first, so that none is left for the end alone.
    let order = files.indices.sorted { files[$0].size > files[$1].size }
    DispatchQueue.concurrentPerform(iterations: files.count) { place in
      let index = order[place]
      let result = Result { () throws(CheckpointError) in
        try file(files[index].path, in: directory)
      }
      outcomes.withLock { $0[index] = result }
    }
    let results = outcomes.withLock { $0 }
    for (index, expected) in files.enumerated() {
      guard let found = try results[index]?.get() else {
        preconditionFailure("Manifest: \(expected.path) was not looked at")
      }
      let path = directory + "/" + expected.path
      guard found.size == expected.size else {
        throw CheckpointError(
          .manifest, path, "has \(found.size) bytes, the manifest says \(expected.size)")
      }
      guard found.sha256 == expected.sha256 else {
        throw CheckpointError(
          .manifest, path, "has SHA-256 \(found.sha256), the manifest says \(expected.sha256)")
      }
    }
  }

  /// Writes the manifest into a directory.
  func write(to directory: String) throws {
    let entries = files.map { file in
      let entry: JSONValue = ["size": .integer(file.size), "sha256": .string("\(file.sha256)")]
      return (key: file.path, value: entry)
    }
    let value: JSONValue = ["files": .object(JSONObject(entries))]
    try AtomicFile.write(value.text(indent: 2) + "\n", to: directory + "/" + Self.fileName)
  }

  private static func file(
    _ path: String, in directory: String,
    known: (_ path: String, _ status: stat) -> FileDigest? = { _, _ in nil }
  ) throws(CheckpointError) -> File {
    let full = directory + "/" + path
    let status = try FileDescriptor(full, O_RDONLY, "cannot be opened").status()
    let digest =
      if let digest = known(full, status) { digest } else {
        try FileDigest(contentsOf: full)
      }
    return File(path: path, size: Int(status.st_size), sha256: digest)
  }

  private static func paths(in directory: String) throws(CheckpointError) -> [String] {
    var paths: [String] = []
    for name in try entries(of: directory) {
      let path = directory + "/" + name
      switch try fileKind(path) {
      case S_IFDIR: paths += try Self.paths(in: path).map { name + "/" + $0 }
      case S_IFREG: paths.append(name)
      default: throw CheckpointError(.system, path, "is neither a file nor a directory")
      }
    }
    return paths.sorted(by: precedes)
  }
}
