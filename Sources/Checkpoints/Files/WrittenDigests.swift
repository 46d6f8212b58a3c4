import Glibc
import Synchronization

/// The digests of files that were hashed on their way into a directory that this process is writing,
/// so that the directory's manifest need not read gigabytes again.
enum WrittenDigests {
  /// What a file was when it was written: whoever changes it later changes this.
  private struct Version: Hashable {
    let device, inode: UInt
    let size, seconds, nanoseconds: Int

    init(_ status: stat) {
      (device, inode) = (UInt(status.st_dev), UInt(status.st_ino))
      (size, seconds) = (Int(status.st_size), status.st_mtim.tv_sec)
      nanoseconds = status.st_mtim.tv_nsec
    }
  }

  private static let known = Mutex<[String: (version: Version, digest: FileDigest)]>([:])

  static func note(_ digest: FileDigest, of path: String, _ status: stat) {
    known.withLock { $0[path] = (Version(status), digest) }
  }

  /// The digest of a file that is still as it was written.
  static func digest(of path: String, _ status: stat) -> FileDigest? {
    known.withLock { $0[path] }.flatMap { $0.version == Version(status) ? $0.digest : nil }
  }

  /// Forgets the files of a directory and below it.
  static func forget(under directory: String) {
    let prefix = directory + "/"
    known.withLock { known in
      known = known.filter { !$0.key.utf8.starts(with: prefix.utf8) }
    }
  }
}
