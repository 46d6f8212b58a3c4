import CHDF5
import Glibc

/// Reading a file of unknown origin in a process of its own, before it is read in this one.
///
/// Parts of a store are sealed and whole; what a user calls her data may be anything, and libhdf5
/// breaks on some damaged files instead of refusing them (1.10 by far more often than 1.14). The child
/// is a copy of this process, so that what it survives this one does, too.
enum HDF5Rehearsal {
  /// Lets a child process do what is to be done with a file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - body: Reads it; only the child calls it.
  /// - Throws: The ``DatasetError`` that `body` throws; one of code `unreadable` if the file or a
  ///   process cannot be had, of code `corrupt` if the child breaks, or takes more time or memory than
  ///   such a file can need.
  static func run(_ path: String, _ body: () throws -> Void) throws {
    let size = try InputFile(path: path).size()
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw InputFile.unreadable(path, errno) }
    defer { close(ends[0]) }
    // Nobody else is inside of the library when it is copied.
    let child = try HDF5Work.run(path: path, fault: .corrupt) { _ in
      let child = chdf5_fork()
      if child == 0 {
        HDF5Work.renewLock()
        limit(size)
        do { try body() } catch { write(error, to: ends[1]) }
        _exit(0)
      }
      return child
    }
    close(ends[1])
    guard child > 0 else { throw InputFile.unreadable(path, errno) }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { throw InputFile.unreadable(path, errno) }
    }
    guard status == 0 else {
      throw DatasetError(
        .corrupt, "the file is damaged: libhdf5 breaks while it reads it; copy or write it anew",
        path: path)
    }
    if let error = error(from: ends[0], path) { throw error }
  }

  // MARK: - The child

  /// Ends the child without a word when it breaks, and lets it take no more time and memory than a
  /// file of the size can need.
  private static func limit(_ size: Int) {
    for number in [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT, SIGALRM, SIGXCPU] {
      signal(number, SIG_DFL)
    }
    // The thread that this was may have let none of them through.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_UNBLOCK, &all, nil)
    dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO)
    lower(RLIMIT_CORE, to: 0)
    lower(RLIMIT_CPU, to: 5 + size >> 20)  // a second for each MiB, of which most need a hundredth
    alarm(UInt32(clamping: 300 + size >> 20))  // also if it only waits
    if let data = dataBytes, data < 1 << 40 {  // more is the shadow of a sanitizer
      // Texts that are padded to one length may be compressed a lot, and are read some thousand at
      // a time.
      lower(RLIMIT_DATA, to: data + (256 << 20) + 64 * size)
    }
  }

  private static func lower(_ kind: __rlimit_resource, to value: Int) {
    let resource = __rlimit_resource_t(kind.rawValue)
    var limit = rlimit()
    getrlimit(resource, &limit)
    limit.rlim_cur = min(limit.rlim_max, rlim_t(value))
    setrlimit(resource, &limit)
  }

  /// What the process has of memory that is its own.
  private static var dataBytes: Int? {
    guard let file = fopen("/proc/self/statm", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, Int32(line.count), file) != nil else { return nil }
    let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let pages = text.split(separator: " ")
    guard pages.count > 5, let count = Int(pages[5]) else { return nil }
    return count * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  // MARK: - What it says

  /// More a pipe may not hold before it is read.
  private static let longest = 4096

  /// Code, column and message, each ended by a NUL, which none of them holds.
  private static func write(_ error: any Error, to end: Int32) {
    let error = error as? DatasetError
    let code = String(error?.code.number ?? DatasetError.Code.corrupt.number)
    let parts = [code, error?.column ?? "", error?.message ?? "cannot be read"]
    let bytes = Array(parts.joined(separator: "\0").utf8.prefix(longest))
    _ = Glibc.write(end, bytes, bytes.count)
  }

  private static func error(from end: Int32, _ path: String) -> DatasetError? {
    var bytes = [UInt8](repeating: 0, count: longest)
    let count = Glibc.read(end, &bytes, bytes.count)
    guard count > 0 else { return nil }
    let parts = bytes[..<count].split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    let code = parts.first.flatMap { UInt8($0) }.flatMap(DatasetError.Code.init(number:))
    guard let code, parts.count == 3 else {
      return DatasetError(.corrupt, "this HDF5 file cannot be read", path: path)
    }
    return DatasetError(code, parts[2], path: path, column: parts[1].isEmpty ? nil : parts[1])
  }
}
