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
      let full = directory + "/" + path
      let status = try FileDescriptor(full, O_RDONLY, "cannot be opened").status()
      let digest =
        if let known = WrittenDigests.digest(of: full, status) { known } else {
          try FileDigest(contentsOf: full)
        }
      files.append(File(path: path, size: Int(status.st_size), sha256: digest))
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
  /// Files are hashed side by side, as many as there are processors.
  ///
  /// - Parameters:
  ///   - directory: The directory.
  ///   - unread: Files of which only the size is looked at, since they are hashed when they are read:
  ///     see ``check(_:of:in:)``.
  /// - Throws: ``CheckpointError`` for the first file that is missing, unreadable or changed.
  public static func verify(
    _ directory: String, butNotContentsOf unread: Set<String> = []
  ) throws(CheckpointError) {
    let files = try Manifest(reading: directory).files
    let faults = Mutex([Int: CheckpointError]())
    // The largest first, so that none is left for the end alone.
    let order = files.indices.sorted { files[$0].size > files[$1].size }
    DispatchQueue.concurrentPerform(iterations: files.count) { place in
      let file = files[order[place]]
      do throws(CheckpointError) {
        try file.checkSize(in: directory)
        if unread.contains(file.path) { return }
        try file.check(FileDigest(contentsOf: directory + "/" + file.path), in: directory)
      } catch {
        faults.withLock { $0[order[place]] = error }
      }
    }
    if let first = faults.withLock({ $0.min { $0.key < $1.key } }) { throw first.value }
  }

  /// Checks the digest of a file that was read.
  ///
  /// - Parameters:
  ///   - digest: The digest of what was read.
  ///   - path: The file's path in the directory.
  ///   - directory: The directory, whose manifest this is.
  /// - Throws: ``CheckpointError`` if it is another one, or the manifest does not list the file.
  public func check(
    _ digest: FileDigest, of path: String, in directory: String
  ) throws(CheckpointError) {
    guard let file = files.first(where: { $0.path.utf8.elementsEqual(path.utf8) }) else {
      throw CheckpointError(.manifest, directory + "/" + path, "is not in the manifest")
    }
    try file.check(digest, in: directory)
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

extension Manifest.File {
  fileprivate func checkSize(in directory: String) throws(CheckpointError) {
    let full = directory + "/" + path
    let found = try FileDescriptor(full, O_RDONLY, "cannot be opened").status().st_size
    guard found == size else {
      throw CheckpointError(.manifest, full, "has \(found) bytes, the manifest says \(size)")
    }
  }

  fileprivate func check(_ digest: FileDigest, in directory: String) throws(CheckpointError) {
    guard digest == sha256 else {
      throw CheckpointError(
        .manifest, directory + "/" + path, "has SHA-256 \(digest), the manifest says \(sha256)")
    }
  }
}
