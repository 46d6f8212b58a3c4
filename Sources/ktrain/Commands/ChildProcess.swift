import Glibc

/// A program that runs beside this one; what it prints goes to standard error as well.
struct ChildProcess {
  /// How a program ended.
  struct Ending {
    /// Its exit status, or 128 and the number of the signal that ended it.
    let status: Int32
    /// The most bytes that were resident.
    let peakBytes: Int
  }

  private let id: pid_t

  /// Starts a program, in a process group of its own: the terminal's signals do not reach it.
  ///
  /// - Parameters:
  ///   - path: The program.
  ///   - arguments: Its arguments, its name first.
  /// - Throws: ``InputError`` with the system's reason.
  init(_ path: String, _ arguments: [String]) throws {
    var pointers = arguments.map { strdup($0) } + [nil]
    defer { pointers.forEach { free($0) } }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO)
    var id = pid_t()
    let code = posix_spawn(&id, path, &actions, &attributes, &pointers, environ)
    guard code == 0 else {
      throw InputError("cannot run \(arguments[0]): \(String(cString: strerror(code)))")
    }
    self.id = id
  }

  /// Waits for the end.
  ///
  /// - Parameter signal: A signal that this program got; it is passed on, once.
  /// - Returns: How the program ended.
  func wait(passingOn signal: () -> Int32?) -> Ending {
    var status: Int32 = 0
    var usage = rusage()
    var isPassedOn = false
    while wait4(id, &status, WNOHANG, &usage) == 0 {
      if let signal = signal(), !isPassedOn {
        isPassedOn = true
        kill(id, signal)
      }
      usleep(20_000)
    }
    let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    return Ending(status: code, peakBytes: usage.ru_maxrss * 1024)
  }
}
