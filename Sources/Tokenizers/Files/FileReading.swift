import Glibc

/// The bytes of a whole file.
func readFile(_ path: String) throws(TokenizerError) -> [UInt8] {
  func failure() -> TokenizerError {
    TokenizerError(
      code: .unreadable, message: String(cString: strerror(errno)), path: path, field: nil)
  }
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw failure() }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { throw failure() }
  guard status.st_mode & S_IFMT == S_IFREG else {
    throw TokenizerError(
      code: .unreadable, message: "this is not a file", path: path, field: nil)
  }
  var failed = false
  let bytes = [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
    while count < buffer.count {
      let read = read(descriptor, buffer.baseAddress! + count, buffer.count - count)
      if read < 0 && errno == EINTR { continue }
      failed = failed || read < 0
      if read <= 0 { break }
      count += read
    }
  }
  if failed { throw failure() }
  return bytes
}

/// Whether `path` is a directory; nil if there is nothing there.
func isDirectory(_ path: String) -> Bool? {
  var status = stat()
  guard stat(path, &status) == 0 else { return nil }
  return status.st_mode & S_IFMT == S_IFDIR
}
