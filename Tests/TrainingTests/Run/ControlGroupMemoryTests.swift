import Foundation
import TestSupport
import Testing
import Training

/// What is read of control groups laid out as the kernel's documents have them.
@Suite struct ControlGroupMemoryTests {
  /// A tree of files.
  private func available(_ groups: String, _ files: [String: String]) throws -> Int? {
    let root = try Fixture.temporary("cgroup")
    let manager = FileManager.default
    for (path, text) in files {
      let url = URL(filePath: root + "/" + path)
      try manager.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
    try manager.createDirectory(atPath: root, withIntermediateDirectories: true)
    try Data(groups.utf8).write(to: URL(filePath: root + "/process"))
    return ControlGroupMemory(root: root, process: root + "/process").availableBytes
  }

  @Test func theSecondVersion() throws {
    let files = [
      "jobs/one/memory.max": "1000000\n", "jobs/one/memory.current": "700000\n",
      "jobs/one/memory.stat": "anon 300000\ninactive_file 200000\nactive_file 100000\n",
    ]
    #expect(try available("0::/jobs/one\n", files) == 600_000)
    // In a container the group is the root of what is mounted.
    let root = Dictionary(
      uniqueKeysWithValues: files.map { ($0.key.dropFirst(9).description, $0.value) })
    #expect(try available("0::/jobs/one\n", root) == 600_000)
    #expect(try available("0::/\n", root) == 600_000)
  }

  /// The group above is nearer to its limit.
  @Test func theNarrowestGroupCounts() throws {
    #expect(
      try available(
        "0::/jobs/one\n",
        [
          "jobs/one/memory.max": "max\n", "jobs/one/memory.current": "500\n",
          "jobs/memory.max": "900\n", "jobs/memory.current": "800\n",
          "memory.max": "5000\n", "memory.current": "1000\n",
        ]) == 100)
  }

  @Test func theFirstVersion() throws {
    #expect(
      try available(
        "5:devices:/\n4:memory:/a/b\n0::/\n",
        [
          "memory/a/b/memory.limit_in_bytes": "9223372036854771712\n",
          "memory/a/b/memory.usage_in_bytes": "4096\n",
          "memory/a/memory.limit_in_bytes": "8000\n", "memory/a/memory.usage_in_bytes": "5000\n",
          "memory/a/memory.stat":
            "inactive_file 1\ntotal_inactive_file 700\ntotal_active_file 300\n",
        ]) == 4000)
  }

  @Test func noLimit() throws {
    #expect(try available("0::/\n", [:]) == nil)
    #expect(try available("", [:]) == nil)
    #expect(
      try available("0::/\n", ["memory.max": "max\n", "memory.current": "5\n"]) == nil)
    // More is in use than the limit was lowered to.
    #expect(try available("0::/\n", ["memory.max": "5\n", "memory.current": "9\n"]) == 0)
  }
}
