import Glibc

/// Writing a file whole or not at all.
///
/// The bytes go to a temporary file beside the target, which is renamed into place once it is on
/// the disk: a reader, or a machine that loses its power, sees the old file or the new one. On an
/// error the temporary file is removed and the target is unchanged. A file in a directory that
/// ``AtomicDirectory`` is writing comes to the disk with that directory.
public enum AtomicFile {
  /// Writes text as UTF-8.
  ///
  /// - Throws: ``CheckpointError`` with the absolute path and the system's reason.
  public static func write(_ text: String, to path: String) throws {
    try write(Array(text.utf8), to: path)
  }

  /// Writes bytes.
  ///
  /// - Throws: ``CheckpointError`` with the absolute path and the system's reason.
  public static func write(_ bytes: [UInt8], to path: String) throws {
    try write(to: path) { file in
      try bytes.withUnsafeBytes { bytes throws in try file.write(bytes) }
    }
  }

  /// Writes what `body` hands over.
  ///
  /// - Parameters:
  ///   - path: The file; its directory must exist.
  ///   - body: Writes through the writer it is given; what it throws is rethrown.
  /// - Throws: ``CheckpointError`` with the absolute path and the system's reason.
  public static func write(to path: String, _ body: (borrowing Writer) throws -> Void) throws {
    let (directory, name) = splitPath(path)
    let temporary = directory + "/" + TemporaryName(for: name, .new).text
    let isPart = TemporaryName.isInside(path)
    do {
      let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW
      let file = try FileDescriptor(temporary, flags, mode: 0o666, "cannot be created")
      let writer = Writer(file: file, digest: isPart ? WritingDigest() : nil)
      try body(writer)
      if let digest = writer.digest?.finalize() {
        WrittenDigests.note(digest, of: path, try writer.file.status())
      } else {
        try writer.file.synchronize()
      }
      try renameFile(temporary, to: path)
    } catch {
      unlink(temporary)
      throw (error as? CheckpointError)?.moved(from: temporary, to: path) ?? error
    }
    if !isPart { try synchronizeDirectory(directory) }
  }

  /// The file that is being written.
  public struct Writer: ~Copyable {
    fileprivate let file: FileDescriptor
    /// Of what was written, for the manifest; nil for a file that stands alone.
    fileprivate let digest: WritingDigest?

    /// Appends bytes.
    ///
    /// - Throws: ``CheckpointError`` with the absolute path and the system's reason.
    public borrowing func write(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
      guard let digest else { return try file.write(bytes) }
      // Piece by piece, so that what is hashed is near the processor still.
      var rest = bytes[...]
      while !rest.isEmpty {
        let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 20))
        try file.write(piece)
        digest.update(piece, writtenTo: file)
        rest = rest.dropFirst(piece.count)
      }
    }
  }

  /// The digest of a file while it is written.
  fileprivate final class WritingDigest {
    private let digest = RunningDigest()
    private var count = 0
    private var begun = 0
    private static let stride = 32 << 20

    func update(_ bytes: UnsafeRawBufferPointer, writtenTo file: borrowing FileDescriptor) {
      digest.update(bytes)
      count += bytes.count
      guard count - begun >= Self.stride else { return }
      // The disk begins now and not when all is written.
      posix_fadvise(file.number, off_t(begun), off_t(count - begun), POSIX_FADV_DONTNEED)
      begun = count
    }

    func finalize() -> FileDigest { digest.finalize() }
  }
}
