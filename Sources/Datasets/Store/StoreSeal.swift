import Glibc

/// The lines at the start of a store's file that tell whether the rest is as it was written.
///
/// ```
/// ktrain store; HDF5 begins at byte 512, the sha256 is of all bytes from there
/// size 74512
/// sha256 0f4b…
/// ```
///
/// They stand in HDF5's user block, which its readers skip. libhdf5 is not made for damaged files and
/// sees none: the seal is checked before.
enum StoreSeal {
  /// The length of the user block.
  static let length = 512
  private static let title =
    "ktrain store; HDF5 begins at byte \(length), the sha256 is of all bytes from there"

  /// Seals what was written after the user block.
  static func write(to file: InputFile) throws {
    let size = try file.size()
    var text = Array(lines(size: size, sha256: try sha256(of: file, size: size)).utf8)
    text += [UInt8](repeating: 0, count: length - text.count)
    guard pwrite(file.descriptor, text, text.count, 0) == text.count else {
      throw DatasetError.unwritable("this file cannot be sealed", path: file.path)
    }
  }

  /// Checks that a file is as it was sealed.
  ///
  /// - Throws: ``DatasetError`` of code `corrupt` if it is not, `unreadable` if it cannot be read.
  static func verify(_ file: InputFile) throws {
    func fault(_ message: String) -> DatasetError {
      DatasetError(.corrupt, message, path: file.path)
    }
    let size = try file.size()
    var block = [UInt8](repeating: 0, count: length)
    guard try block.withUnsafeMutableBytes({ try file.read(at: 0, into: $0) }) == length else {
      throw fault("the file ends after \(size) bytes, before the end of its seal")
    }
    let text = String(decoding: block.prefix { $0 != 0 }, as: UTF8.self)
    let found = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard found.count == 4, found[0] == title, found[1].hasPrefix("size "),
      let sealed = Int(found[1].dropFirst(5)), found[2].hasPrefix("sha256 ")
    else { throw fault("the file has no seal of a store, or a damaged one") }
    guard size == sealed else {
      throw fault("the file has \(size) bytes, \(sealed) were written")
    }
    // The whole block, so that no byte of the file is free to change.
    let expected = Array(lines(size: size, sha256: try sha256(of: file, size: size)).utf8)
    guard block.starts(with: expected), block[expected.count...].allSatisfy({ $0 == 0 }) else {
      throw fault("the content is not what was written: its SHA-256 differs")
    }
  }

  private static func lines(size: Int, sha256: String) -> String {
    "\(title)\nsize \(size)\nsha256 \(sha256)\n"
  }

  private static func sha256(of file: InputFile, size: Int) throws -> String {
    let hash = SHA256()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { buffer.deallocate() }
    var position = length
    while case let count = try file.read(at: position, into: buffer), count > 0 {
      hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      position += count
    }
    guard position == size else {
      throw DatasetError(.corrupt, "the file changes while it is read", path: file.path)
    }
    return hash.finishHexadecimal()
  }
}

extension InputFile {
  /// The number of bytes; of something else than a file, none.
  func size() throws -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.unreadable(path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw DatasetError(.unreadable, "this is not a file", path: path)
    }
    return Int(status.st_size)
  }

  /// Reads bytes from a position and says how many; fewer than asked for only at the file's end.
  func read(at position: Int, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var count = 0
    while count < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
      let read = pread(descriptor, rest.baseAddress, rest.count, position + count)
      if read < 0, errno == EINTR { continue }
      guard read >= 0 else { throw Self.unreadable(path, errno) }
      if read == 0 { break }
      count += read
    }
    return count
  }
}

extension DatasetError {
  /// The error of a system call that has just failed, from `errno`.
  static func unwritable(_ message: String, path: String) -> DatasetError {
    let reason = String(cString: strerror(errno))
    return DatasetError(.unwritable, "\(message): \(reason)", path: path)
  }
}
