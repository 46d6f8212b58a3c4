internal import Checkpoints
internal import Encoders
internal import FoundationEssentials
internal import Glibc

/// The directory a run writes, which one run holds at a time.
///
/// The lock is the kernel's on the directory itself, so a run that is killed leaves none behind.
final class RunDirectory {
  /// What a process wants of the directory.
  enum Access {
    /// To write a run.
    case writes
    /// To look at it, while no run writes.
    case looksAt
    /// To read what the process reads that writes, which waits for this one.
    case follows
  }

  /// The path as the recipe has it.
  let path: String
  private var descriptor: Int32 = -1

  /// Takes the directory if it is there, and clears away what a killed run has left half written.
  ///
  /// - Parameters:
  ///   - path: The directory.
  ///   - access: What it is wanted for.
  /// - Throws: ``RunError`` if another run holds it or it is no directory.
  init(_ path: String, _ access: Access) throws {
    self.path = path
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw fault("is a file, not a directory: choose another output_dir")
    }
    try open()
    if access != .follows { try lock() }
    if access == .writes { try AtomicDirectory.cleanUp(path, isOurs: true) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Creates the directory if it is not there, and takes it.
  ///
  /// - Throws: ``RunError`` if it cannot be created, or if another run was faster.
  func create() throws {
    guard descriptor < 0 else { return }
    do { try AtomicDirectory.create(path) } catch {
      throw fault(
        "cannot be created (\(error)); check the path and its permissions, or choose another "
          + "output_dir")
    }
    try open()
    try lock()
    guard try names.isEmpty else { throw fault("another run has just written here; start again") }
  }

  /// What is in it but for a README.
  var names: [String] {
    get throws { try AtomicDirectory.names(in: path).filter { $0 != "README.md" } }
  }

  /// Whether there is no such directory, or nothing in it.
  var isEmpty: Bool { get throws { try descriptor < 0 || names.isEmpty } }

  /// The steps of the checkpoints in it, the newest first; whether they are whole is not looked at.
  var checkpointSteps: [Int] {
    get throws {
      guard descriptor >= 0 else { return [] }
      let prefix = "checkpoint-"
      return try names.compactMap { name in
        let step = name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count)) : nil
        return step.flatMap { $0 >= 0 && "\(prefix)\($0)" == name ? $0 : nil }
      }.sorted(by: >)
    }
  }

  /// Where the checkpoint of a step is.
  func checkpoint(_ step: Int) -> String { "\(path)/checkpoint-\(step)" }

  /// What a run writes before its first checkpoint.
  static let beginning = [
    "recipe.json", "run.json", "log.jsonl", "timings.jsonl", "report.html", "eval", "runs",
  ]

  /// Removes what a run has written that will not take a step, so that another recipe may follow.
  func removeBeginning() {
    for name in Self.beginning { try? FileManager.default.removeItem(atPath: path + "/" + name) }
  }

  /// Checks that the path still leads to the directory that was taken.
  ///
  /// - Throws: ``RunError`` if it was removed or replaced.
  func check() throws {
    var (held, found) = (stat(), stat())
    guard fstat(descriptor, &held) == 0, stat(path, &found) == 0,
      held.st_ino == found.st_ino, held.st_dev == found.st_dev
    else {
      throw fault("was removed or replaced while the run was going on: start it again")
    }
  }

  private func open() throws {
    descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw fault("cannot be opened: \(reason)") }
  }

  private func lock() throws {
    guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return }
    defer {
      close(descriptor)
      descriptor = -1
    }
    throw errno == EWOULDBLOCK
      ? fault("another run is writing here: wait for it or choose another output_dir")
      : fault("cannot be locked (\(reason)): choose an output_dir on a file system with locks")
  }

  private var reason: String { String(cString: strerror(errno)) }

  private func fault(_ message: String) -> RunError {
    RunError(.output, message, place: absolute(path))
  }
}
