internal import Encoders
internal import Glibc

/// A file that lines are added to, each on the disk's way as soon as it is written.
final class AppendedFile {
  private let path: String
  private let descriptor: Int32

  /// Opens or creates the file.
  ///
  /// - Throws: ``RunError`` with the absolute path and the system's reason.
  init(path: String) throws {
    self.path = absolute(path)
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw Self.fault("cannot be opened for writing", self.path) }
  }

  deinit { close(descriptor) }

  /// Adds text at the end.
  ///
  /// - Throws: ``RunError`` with the absolute path and the system's reason.
  func append(_ text: String) throws { try append(Array(text.utf8)) }

  /// Adds bytes at the end.
  ///
  /// - Throws: ``RunError`` with the absolute path and the system's reason.
  func append(_ bytes: [UInt8]) throws {
    let written = bytes.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = write(descriptor, bytes.baseAddress! + done, bytes.count - done)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { return false }
        done += count
      }
      return true
    }
    if !written { throw Self.fault("cannot be written", path) }
  }

  private static func fault(_ what: String, _ path: String) -> RunError {
    RunError(.output, "\(what): \(String(cString: strerror(errno)))", place: path)
  }
}
