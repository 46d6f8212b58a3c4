import Glibc

/// The names under which files and directories are written before they are renamed into place:
/// `.NAME.ktrain-PID.new`, and `.NAME.ktrain-PID.old` for what they replace.
///
/// They are hidden, stand beside their target and so on its file system, and tell by the process
/// that wrote them whether they are still in use.
struct TemporaryName {
  enum Role: String { case new, old }

  let target: String
  let process: pid_t
  let role: Role

  init(for target: String, _ role: Role) {
    self.target = target
    process = getpid()
    self.role = role
  }

  init?(parsing name: String) {
    let parts = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    let prefix = "ktrain-"
    guard parts.count >= 4, parts[0].isEmpty, let role = Role(rawValue: parts[parts.count - 1]),
      case let owner = parts[parts.count - 2], owner.hasPrefix(prefix),
      let process = pid_t(owner.dropFirst(prefix.count)), process > 0
    else { return nil }
    target = parts[1..<parts.count - 2].joined(separator: ".")
    self.process = process
    self.role = role
  }

  /// Whether a path leads into a directory that this process is writing.
  static func isInside(_ path: String) -> Bool {
    path.utf8.split(separator: UInt8(ascii: "/")).dropLast().contains { part in
      let name = TemporaryName(parsing: String(decoding: part, as: UTF8.self))
      return name?.role == .new && name?.process == getpid()
    }
  }

  var text: String { ".\(target).ktrain-\(process).\(role.rawValue)" }

  /// Whether the process that made it is gone.
  ///
  /// Seen from another machine or container every process is: one directory is for the runs of one
  /// machine.
  var isAbandoned: Bool { kill(process, 0) != 0 && errno == ESRCH }

  /// Removes what processes that are gone have left in a directory, and puts back a directory that
  /// one of them had moved aside but not yet replaced.
  static func cleanUp(_ directory: String, isOurs: Bool) throws(CheckpointError) {
    for name in try entries(of: directory) {
      guard let leftover = TemporaryName(parsing: name), isOurs || leftover.isAbandoned else {
        continue
      }
      let target = directory + "/" + leftover.target
      if leftover.role == .old, try fileKind(target) == nil {
        try renameFile(directory + "/" + name, to: target)
      } else {
        try removeTree(directory + "/" + name)
      }
    }
  }
}
