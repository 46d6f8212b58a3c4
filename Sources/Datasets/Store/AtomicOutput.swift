import Glibc
import Synchronization

/// Writing a file whole or not at all: under a hidden name beside its own, which it gets at the end.
///
/// The name, `.NAME.NUMBER.ktrain-PID.new`, tells by the process whether the file is still being
/// written. What a dead process has left is removed by ``cleanUp(_:)``.
enum AtomicOutput {
  private static let counter = Atomic(0)

  /// A name that no other writer has, in this process or another.
  static func temporaryPath(for path: String) -> String {
    let (folder, name) = split(path)
    let number = counter.add(1, ordering: .relaxed).newValue
    return "\(folder)/.\(name).\(number).ktrain-\(getpid()).new"
  }

  /// Brings an open file to the disk and gives it its name, in place of what had it.
  static func commit(_ file: InputFile, from temporary: String, to path: String) throws {
    guard fsync(file.descriptor) == 0, rename(temporary, path) == 0 else {
      throw DatasetError.unwritable("this file cannot be put in place", path: path)
    }
    let folder = try InputFile(path: split(path).folder)
    guard fsync(folder.descriptor) == 0 else {
      throw DatasetError.unwritable("this folder cannot be written to disk", path: folder.path)
    }
  }

  /// Removes the unfinished files of processes that are gone; a folder that does not exist has none.
  ///
  /// From another machine or container every process looks gone: a folder is for one machine.
  static func cleanUp(_ folder: String) throws {
    for name in try names(in: folder) where isAbandoned(name) {
      let path = folder + "/" + name
      guard unlink(path) == 0 || errno == ENOENT else {
        throw DatasetError.unwritable("this left-over file cannot be removed", path: path)
      }
    }
  }

  /// The names in a folder, sorted; none if it does not exist.
  static func names(in folder: String) throws -> [String] {
    guard let directory = opendir(folder) else {
      if errno == ENOENT { return [] }
      throw InputFile.unreadable(folder, errno)
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names.sorted()
  }

  /// Creates a folder and those above it that are missing.
  static func createFolder(_ path: String) throws {
    if mkdir(path, 0o777) == 0 || errno == EEXIST { return }
    if errno == ENOENT, case let parent = split(path).folder, parent != path {
      try createFolder(parent)
      if mkdir(path, 0o777) == 0 || errno == EEXIST { return }
    }
    throw DatasetError.unwritable("this folder cannot be created", path: path)
  }

  private static func isAbandoned(_ name: String) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count > 4, parts[0].isEmpty, parts[parts.count - 1] == "new",
      case let owner = parts[parts.count - 2], owner.hasPrefix("ktrain-"),
      let process = pid_t(owner.dropFirst(7)), process > 0
    else { return false }
    return kill(process, 0) != 0 && errno == ESRCH
  }

  /// A path's folder and last component; by bytes, for a slash may have a combining mark after it.
  private static func split(_ path: String) -> (folder: String, name: String) {
    var bytes = Array(path.utf8)
    while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
    let name = String(decoding: bytes[(slash + 1)...], as: UTF8.self)
    return (slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self), name)
  }
}
