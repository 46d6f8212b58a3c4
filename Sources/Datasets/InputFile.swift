import Glibc

/// A file that is open for reading, closed when its owner goes.
package final class InputFile: Sendable {
  let path: String
  let descriptor: Int32

  /// - Throws: ``DatasetError`` of code `unreadable`.
  init(path: String) throws {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.unreadable(path, errno) }
  }

  /// Opens a file that has just been written, to write more to it, too.
  ///
  /// - Throws: ``DatasetError`` of code `unwritable`.
  init(rewriting location: String, path: String) throws {
    self.path = path
    descriptor = open(location, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw DatasetError.unwritable("this file cannot be written", path: path)
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Reads bytes to the start of `buffer` and says how many; 0 at the file's end.
  func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws -> Int {
    while true {
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      if errno != EINTR { throw Self.unreadable(path, errno) }
    }
  }

  /// Whether there is a file or directory of this name.
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func unreadable(_ path: String, _ cause: Int32) -> DatasetError {
    let reason = String(cString: strerror(cause))
    return DatasetError(.unreadable, "cannot read this file: \(reason)", path: path)
  }
}

/// The path from the root; relative ones start at the current working directory.
func absolute(_ path: String) -> String {
  guard !path.hasPrefix("/"), let buffer = getcwd(nil, 0) else { return path }
  defer { free(buffer) }
  let folder = String(cString: buffer)
  return folder == "/" ? "/" + path : folder + "/" + path
}
