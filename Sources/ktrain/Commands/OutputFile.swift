import Glibc

/// A file that is written beside its target and put in its place when it is whole; or standard
/// output.
final class OutputFile {
  private let path: String?
  private let file: UnsafeMutablePointer<FILE>
  private var isOpen = true

  /// Opens the file.
  ///
  /// - Parameter path: The target; nil for standard output.
  /// - Throws: ``InputError`` with the path and the system's reason.
  init(path: String?) throws {
    self.path = path
    guard let file = path.map({ fopen($0 + ".partial", "w") }) ?? fdopen(STDOUT_FILENO, "w") else {
      throw InputError(
        "\(path ?? "standard output"): cannot be written: \(String(cString: strerror(errno)))")
    }
    self.file = file
  }

  deinit {
    guard isOpen, let path else { return }
    fclose(file)
    unlink(path + ".partial")
  }

  /// Writes a whole file.
  static func write(_ text: String, to path: String) throws {
    let file = try OutputFile(path: path)
    file.write(text)
    try file.finish()
  }

  func write(_ text: String) {
    var text = text
    text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
  }

  func write(_ bytes: [UInt8]) { bytes.withUnsafeBytes { write($0) } }

  func write(_ bytes: UnsafeRawBufferPointer) {
    _ = fwrite(bytes.baseAddress, 1, bytes.count, file)
  }

  func rewind() { Glibc.rewind(file) }

  /// Throws if anything could not be written so far.
  func check() throws {
    if ferror(file) != 0 { throw fault() }
  }

  func finish() throws {
    if fflush(file) != 0 || ferror(file) != 0 { throw fault() }
    guard let path else { return }
    isOpen = false
    let isClosed = fsync(fileno(file)) == 0
    guard fclose(file) == 0, isClosed, rename(path + ".partial", path) == 0 else {
      let error = fault()
      unlink(path + ".partial")
      throw error
    }
  }

  private func fault() -> InputError {
    InputError(
      "\(path ?? "standard output"): cannot be written: \(String(cString: strerror(errno)))")
  }
}
