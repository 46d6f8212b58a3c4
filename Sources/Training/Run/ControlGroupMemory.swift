internal import FoundationEssentials

/// What the control groups of the process leave it of the machine's memory: containers and batch
/// systems set limits by them, versions 1 and 2.
///
/// Reference: the kernel's `admin-guide/cgroup-v1/memory` and `admin-guide/cgroup-v2`.
package struct ControlGroupMemory {
  private let root: String
  private let process: String

  /// Creates what reads the groups of this process.
  ///
  /// - Parameters:
  ///   - root: Where the groups are mounted.
  ///   - process: The file that says which ones the process is in.
  package init(root: String = "/sys/fs/cgroup", process: String = "/proc/self/cgroup") {
    (self.root, self.process) = (root, process)
  }

  /// The bytes that the process may still take before a group, or one above it, is at its limit; nil
  /// where no group has one.
  ///
  /// Pages of files count as free, for the kernel drops them first.
  package var availableBytes: Int? {
    guard let groups = text(process) else { return nil }
    var least: Int?
    for line in groups.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let (controllers, path) = (parts[1].split(separator: ","), String(parts[2]))
      if controllers.contains("memory") {
        least = Self.least(least, available(under: root + "/memory", path, .first))
      } else if controllers.isEmpty {
        for mount in [root, root + "/unified"] {
          least = Self.least(least, available(under: mount, path, .second))
        }
      }
    }
    return least
  }

  /// The names of a version's files.
  private struct Version {
    let limit: String
    let usage: String
    let files: [String]

    static let first = Version(
      limit: "memory.limit_in_bytes", usage: "memory.usage_in_bytes",
      files: ["total_inactive_file", "total_active_file"])
    static let second = Version(
      limit: "memory.max", usage: "memory.current", files: ["inactive_file", "active_file"])
  }

  /// The least that a group and those above it leave.
  ///
  /// In a container the path may be one of the machine's, which is not there: what is, is its root.
  private func available(under mount: String, _ path: String, _ version: Version) -> Int? {
    var parts = path.split(separator: "/")
    var least: Int?
    while true {
      let directory = ([mount] + parts.map(String.init)).joined(separator: "/")
      if let limit = number(directory + "/" + version.limit),
        let usage = number(directory + "/" + version.usage)
      {
        let cached = version.files.reduce(0) { $0 + field($1, of: directory + "/memory.stat") }
        least = Self.least(least, max(0, limit - usage + min(cached, usage)))
      }
      if parts.popLast() == nil { return least }
    }
  }

  private static func least(_ one: Int?, _ other: Int?) -> Int? {
    [one, other].compactMap { $0 }.min()
  }

  /// A file's number; nil if there is none, or `max`.
  private func number(_ path: String) -> Int? {
    text(path).flatMap { Int($0.split(separator: "\n").first ?? "") }
  }

  private func field(_ name: String, of path: String) -> Int {
    let line = text(path)?.split(separator: "\n").first { $0.hasPrefix(name + " ") }
    return line.flatMap { Int($0.dropFirst(name.count + 1)) } ?? 0
  }

  private func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }
}
