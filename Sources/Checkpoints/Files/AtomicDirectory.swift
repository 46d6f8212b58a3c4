import Glibc

/// Writing a directory whole or not at all.
public enum AtomicDirectory {
  /// Writes a directory of files and puts it in place of what stands there.
  ///
  /// `body` fills a temporary directory beside the target. Then every file is brought to the disk,
  /// the manifest is written last, and the directory is renamed into place. A directory that is
  /// already there is moved aside first and removed afterwards; a process killed in between leaves
  /// it to be put back by the next ``cleanUp(_:)``. On an error the temporary directory is removed
  /// and the target is unchanged. What dead processes have left beside the target is cleaned up
  /// first.
  ///
  /// - Parameters:
  ///   - path: The directory.
  ///   - manifest: Whether a ``Manifest`` of the files is added.
  ///   - createsParents: Whether those above it are created if they are missing; if not, a missing
  ///     one is an error.
  ///   - body: Gets the absolute path of the temporary directory, which is empty; what it throws is
  ///     rethrown.
  /// - Throws: ``CheckpointError`` with the absolute path and the system's reason.
  /// - Note: One process must not write one directory twice at the same time.
  public static func write(
    to path: String, manifest: Bool = true, createsParents: Bool = true,
    _ body: (_ temporary: String) throws -> Void
  ) throws {
    let path = absolutePath(path)
    let (parent, name) = splitPath(path)
    if createsParents { try createDirectories(parent) }
    try cleanUp(parent)
    if let kind = try fileKind(path), kind != S_IFDIR {
      throw CheckpointError(.system, path, "is not a directory; it is not replaced")
    }
    let temporary = parent + "/" + TemporaryName(for: name, .new).text
    try removeTree(temporary)  // of an earlier process that had our number
    guard mkdir(temporary, 0o777) == 0 else { throw systemError("cannot be created", path) }
    defer { WrittenDigests.forget(under: temporary) }
    do {
      try body(temporary)
      if manifest { try Manifest(of: temporary).write(to: temporary) }
      try synchronizeTree(temporary)
      try putInPlace(temporary, of: path)
    } catch {
      try? removeTree(temporary)  // the first error is the one to report
      throw (error as? CheckpointError)?.moved(from: temporary, to: path) ?? error
    }
    try synchronizeDirectory(parent)
  }

  /// Removes what processes that are gone have left unfinished in a directory.
  ///
  /// - Parameters:
  ///   - directory: The directory.
  ///   - isOurs: Whether nobody else can be writing into it now. Then what a process has left is
  ///     removed even if its number is that of a living one, as it may be in a container.
  /// - Throws: ``CheckpointError`` with the absolute path and the system's reason.
  public static func cleanUp(
    _ directory: String, isOurs: Bool = false
  ) throws(CheckpointError) {
    try TemporaryName.cleanUp(directory, isOurs: isOurs)
  }

  /// Removes a directory whole or not at all: a process killed in between leaves a temporary one,
  /// which the next ``cleanUp(_:isOurs:)`` removes.
  ///
  /// - Throws: ``CheckpointError`` with the absolute path and the system's reason.
  public static func remove(_ path: String) throws(CheckpointError) {
    let path = absolutePath(path)
    let (parent, name) = splitPath(path)
    let temporary = parent + "/" + TemporaryName(for: name, .new).text
    try removeTree(temporary)
    try renameFile(path, to: temporary)
    try removeTree(temporary)
  }

  /// Creates a directory and those above it that are missing.
  ///
  /// - Throws: ``CheckpointError`` with the absolute path and the system's reason.
  public static func create(_ path: String) throws(CheckpointError) {
    try createDirectories(absolutePath(path))
  }

  /// The names in a directory, sorted by their bytes.
  ///
  /// - Throws: ``CheckpointError`` with the absolute path and the system's reason.
  public static func names(in directory: String) throws(CheckpointError) -> [String] {
    try entries(of: directory)
  }

  private static func putInPlace(_ temporary: String, of path: String) throws(CheckpointError) {
    guard try fileKind(path) != nil else { return try renameFile(temporary, to: path) }
    let (parent, name) = splitPath(path)
    let old = parent + "/" + TemporaryName(for: name, .old).text
    try removeTree(old)
    try renameFile(path, to: old)
    do throws(CheckpointError) { try renameFile(temporary, to: path) } catch {
      try renameFile(old, to: path)
      throw error
    }
    try removeTree(old)
  }

  private static func synchronizeTree(_ path: String) throws(CheckpointError) {
    for name in try entries(of: path) {
      let entry = path + "/" + name
      switch try fileKind(entry) {
      case S_IFDIR: try synchronizeTree(entry)
      case S_IFREG: try FileDescriptor(entry, O_RDONLY, "cannot be opened").synchronize()
      default: throw CheckpointError(.system, entry, "is neither a file nor a directory")
      }
    }
    try synchronizeDirectory(path)
  }
}
