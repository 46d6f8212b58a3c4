import Glibc

/// The path made absolute against the current working directory; not otherwise normalised.
func absolutePath(_ path: String) -> String {
  if path.utf8.first == UInt8(ascii: "/") { return path }
  guard let directory = getcwd(nil, 0) else { return path }
  defer { free(directory) }
  return String(cString: directory) + "/" + path
}

/// The directory in which the path's last component stands, and that component.
///
/// Like every function on paths here it looks at bytes: to a `String`, a slash with a combining mark
/// after it is no slash.
func splitPath(_ path: String) -> (directory: String, name: String) {
  let slash = UInt8(ascii: "/")
  var bytes = Array(path.utf8)
  while bytes.count > 1, bytes.last == slash { bytes.removeLast() }
  guard let last = bytes.lastIndex(of: slash) else { return (".", path) }
  let name = String(decoding: bytes[(last + 1)...], as: UTF8.self)
  return (last == 0 ? "/" : String(decoding: bytes[..<last], as: UTF8.self), name)
}

/// The error of a system call that has just failed, from `errno`.
func systemError(_ action: String, _ path: String) -> CheckpointError {
  let reason = errno
  return CheckpointError(.system, path, "\(action): \(String(cString: strerror(reason)))")
}

/// An open file descriptor that is closed with its owner.
struct FileDescriptor: ~Copyable {
  let number: CInt
  let path: String

  init(_ path: String, _ flags: CInt, mode: mode_t = 0, _ action: String) throws(CheckpointError) {
    let number = open(path, flags | O_CLOEXEC, mode)
    guard number >= 0 else { throw systemError(action, path) }
    self.number = number
    self.path = path
  }

  deinit { _ = close(number) }

  /// What the system knows of the open file.
  func status() throws(CheckpointError) -> stat {
    var status = stat()
    guard fstat(number, &status) == 0 else { throw systemError("cannot be examined", path) }
    return status
  }

  /// Writes all bytes at the current position.
  func write(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let slice = UnsafeRawBufferPointer(rebasing: rest)
      // Linux writes at most 2 GiB at a time.
      let written = Glibc.write(number, slice.baseAddress, min(slice.count, 1 << 30))
      if written < 0, errno == EINTR { continue }
      guard written >= 0 else { throw systemError("cannot be written", path) }
      rest = rest.dropFirst(written)
    }
  }

  /// Fills the buffer from the current position; fewer bytes mean the end of the file.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) -> Int {
    while true {
      let count = Glibc.read(number, buffer.baseAddress, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw systemError("cannot be read", path) }
      return count
    }
  }

  /// Fills the buffer from a position on.
  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(CheckpointError) {
    var rest = buffer[...]
    while !rest.isEmpty {
      let slice = UnsafeMutableRawBufferPointer(rebasing: rest)
      let place = offset + buffer.count - rest.count
      let count = pread(number, slice.baseAddress, slice.count, off_t(place))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw systemError("cannot be read", path) }
      guard count > 0 else {
        throw CheckpointError(.system, path, "ends at byte \(place) by now; it had more")
      }
      rest = rest.dropFirst(count)
    }
  }

  /// Waits until what was written is on the disk.
  func synchronize() throws(CheckpointError) {
    guard fsync(number) == 0 else { throw systemError("cannot be written to disk", path) }
  }
}

/// Waits until a directory's entries are on the disk.
func synchronizeDirectory(_ path: String) throws(CheckpointError) {
  try FileDescriptor(path, O_RDONLY | O_DIRECTORY, "cannot be opened").synchronize()
}

/// Renames a file or directory; a file or an empty directory in its way is replaced.
func renameFile(_ path: String, to target: String) throws(CheckpointError) {
  guard rename(path, target) == 0 else { throw systemError("cannot be put in place", target) }
}

/// What stands at a path, not following a symbolic link; nil if nothing does.
func fileKind(_ path: String) throws(CheckpointError) -> mode_t? {
  var status = stat()
  if lstat(path, &status) == 0 { return status.st_mode & S_IFMT }
  guard errno == ENOENT else { throw systemError("cannot be examined", path) }
  return nil
}

/// The names in a directory without `.` and `..`, sorted by their bytes.
func entries(of path: String) throws(CheckpointError) -> [String] {
  guard let directory = opendir(path) else { throw systemError("cannot be listed", path) }
  defer { closedir(directory) }
  var names: [String] = []
  errno = 0
  while let entry = readdir(directory) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != ".", name != ".." { names.append(name) }
    errno = 0
  }
  guard errno == 0 else { throw systemError("cannot be listed", path) }
  return names.sorted(by: precedes)
}

/// Removes a file, or a directory with everything in it; links are removed, not followed.
func removeTree(_ path: String) throws(CheckpointError) {
  guard let kind = try fileKind(path) else { return }
  if kind == S_IFDIR {
    for name in try entries(of: path) { try removeTree(path + "/" + name) }
    guard rmdir(path) == 0 else { throw systemError("cannot be removed", path) }
  } else {
    guard unlink(path) == 0 else { throw systemError("cannot be removed", path) }
  }
}

/// Creates a directory and those above it that are missing.
func createDirectories(_ path: String) throws(CheckpointError) {
  if mkdir(path, 0o777) == 0 { return }
  if errno == ENOENT, case let parent = splitPath(path).directory, parent != path {
    try createDirectories(parent)
    if mkdir(path, 0o777) == 0 { return }
  }
  guard errno == EEXIST else { throw systemError("cannot be created", path) }
  var status = stat()
  guard stat(path, &status) == 0 else { throw systemError("cannot be examined", path) }
  guard status.st_mode & S_IFMT == S_IFDIR else {
    throw CheckpointError(.system, path, "is not a directory")
  }
}

/// Whether one string stands before another by the bytes of their UTF-8, that is by code point.
func precedes(_ one: String, _ other: String) -> Bool {
  one.utf8.lexicographicallyPrecedes(other.utf8)
}
