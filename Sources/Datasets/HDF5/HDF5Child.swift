import CHDF5
import Glibc

/// Reading a file of unknown origin in a process of its own, which tells this one what stands in it.
///
/// Parts of a store are sealed and whole; what a user calls her data may be anything, and libhdf5
/// breaks on some damaged files instead of refusing them, or writes beyond its memory without breaking
/// at once (1.10 by far more often than 1.14). So the library never sees such a file in this process.
enum HDF5Child {
  /// Lets a child process read a file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - tell: Reads it and tells; only the child calls it, and what it throws it has told.
  ///   - hear: Hears what is told, while it is.
  /// - Throws: What `hear` throws; a ``DatasetError`` of code `unreadable` if the file or a process
  ///   cannot be had, of code `corrupt` if the child breaks, or takes more time or memory than such a
  ///   file can need.
  static func read(
    _ path: String, tell: (PipeWriter) throws -> Void, hear: (PipeReader) throws -> Void
  ) throws {
    let size = try InputFile(path: path).size()
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw InputFile.unreadable(path, errno) }
    // Nobody else is inside of the library when it is copied.
    let child = try HDF5Work.run(path: path, fault: .corrupt) { _ in
      let child = chdf5_fork()
      if child == 0 {
        close(ends[0])
        HDF5Work.renewLock()
        forgetWatchers()
        limit(size)
        let pipe = PipeWriter(ends[1])
        try? tell(pipe)
        pipe.flush()
        _exit(0)
      }
      return child
    }
    close(ends[1])
    guard child > 0 else {
      close(ends[0])
      throw InputFile.unreadable(path, errno)
    }
    let pipe = PipeReader(ends[0], path: path)
    let outcome = Result { try hear(pipe) }
    close(ends[0])  // a child that has more to tell ends here
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { throw InputFile.unreadable(path, errno) }
    }
    try outcome.get()
    guard status == 0 else { throw pipe.broken }
  }

  // MARK: - The child

  /// Lets nobody watch errors that are thrown: a library for tests takes a lock for each, which another
  /// thread of the parent may have held when it was copied, so that the child would wait for ever.
  private static func forgetWatchers() {
    let program = dlopen(nil, RTLD_NOW)
    for name in ["_swift_willThrow", "_swift_willThrowTypedImpl"] {
      let watcher = dlsym(program, name)
      watcher?.assumingMemoryBound(to: UnsafeRawPointer?.self).pointee = nil
    }
  }

  /// Ends the child without a word when it breaks, and lets it take no more time and memory than a
  /// file of the size can need.
  private static func limit(_ size: Int) {
    for number in [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT, SIGALRM, SIGXCPU, SIGPIPE] {
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
}
