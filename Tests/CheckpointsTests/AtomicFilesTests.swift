import Checkpoints
import Foundation
import Testing

@Suite struct AtomicFilesTests {
  private struct Stopped: Error {}

  @Test func writesAndReplacesAFile() throws {
    try TemporaryDirectory.with { directory in
      let path = directory + "/a.json"
      for text in ["{}\n", "[1, \"\u{1F600}\"]", ""] {
        try AtomicFile.write(text, to: path)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(text.utf8))
        #expect(try contents(directory) == ["a.json"])
      }
    }
  }

  @Test func anErrorLeavesTheOldFile() throws {
    try TemporaryDirectory.with { directory in
      let path = directory + "/a"
      try AtomicFile.write("old", to: path)
      #expect(throws: Stopped.self) {
        try AtomicFile.write(to: path) { file in
          try Array("new".utf8).withUnsafeBytes { bytes throws in try file.write(bytes) }
          throw Stopped()
        }
      }
      #expect(try contents(directory) == ["a"])
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
    }
  }

  /// Places in which nobody, root neither, can make a file.
  @Test(arguments: [
    ("file/a", "Not a directory"), ("none/a", "No such file or directory"),
    ("directory", "Is a directory"),
  ]) func errorsNameThePathAndTheReason(name: String, reason: String) throws {
    try TemporaryDirectory.with { directory in
      try AtomicFile.write("", to: directory + "/file")
      try FileManager.default.createDirectory(
        atPath: directory + "/directory/inside", withIntermediateDirectories: true)
      let before = try contents(directory)
      let error = #expect(throws: CheckpointError.self) {
        try AtomicFile.write("text", to: directory + "/" + name)
      }
      #expect(error?.path == directory + "/" + name && error?.code == .system)
      #expect(error?.message.hasSuffix(reason) == true, "\(error?.description ?? "")")
      #expect(try contents(directory) == before)
    }
  }

  @Test func aRelativePathIsMadeAbsolute() throws {
    let error = #expect(throws: CheckpointError.self) {
      try AtomicFile.write("text", to: "none/of/these")
    }
    #expect(error?.path == FileManager.default.currentDirectoryPath + "/none/of/these")
  }

  @Test func writesADirectoryWithItsManifest() throws {
    try TemporaryDirectory.with { directory in
      let path = directory + "/runs/checkpoint-1"
      try AtomicDirectory.write(to: path) { temporary in
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(temporary.hasPrefix(directory + "/runs/."))
        try AtomicFile.write("abc", to: temporary + "/b.txt")
        try FileManager.default.createDirectory(
          atPath: temporary + "/1_Pooling", withIntermediateDirectories: false)
        try AtomicFile.write("", to: temporary + "/1_Pooling/config.json")
      }
      #expect(try contents(directory + "/runs") == ["checkpoint-1"])
      #expect(try contents(path) == ["1_Pooling", "b.txt", "manifest.json"])
      let manifest = try Manifest(reading: path)
      #expect(manifest.files.map(\.path) == ["1_Pooling/config.json", "b.txt"])
      #expect(manifest.files.map(\.size) == [0, 3])
      // FIPS 180-4, the examples for the empty message and "abc".
      #expect(
        manifest.files.map(\.sha256.description) == [
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ])
      try Manifest.verify(path)
    }
  }

  @Test func replacesADirectory() throws {
    try TemporaryDirectory.with { directory in
      let path = directory + "/final"
      for name in ["a", "b"] {
        try AtomicDirectory.write(to: path, manifest: false) { temporary in
          try AtomicFile.write(name, to: temporary + "/" + name)
        }
        #expect(try contents(path) == [name] && contents(directory) == ["final"])
      }
    }
  }

  @Test func anErrorLeavesTheOldDirectory() throws {
    try TemporaryDirectory.with { directory in
      let path = directory + "/final"
      try AtomicDirectory.write(to: path) { try AtomicFile.write("old", to: $0 + "/a") }
      #expect(throws: Stopped.self) {
        try AtomicDirectory.write(to: path) { temporary in
          try AtomicFile.write("new", to: temporary + "/a")
          throw Stopped()
        }
      }
      #expect(try contents(directory) == ["final"])
      #expect(try String(contentsOfFile: path + "/a", encoding: .utf8) == "old")
      try Manifest.verify(path)
    }
  }

  /// The user reads the path that he asked for, not the temporary one.
  @Test func errorsInsideNameTheTarget() throws {
    try TemporaryDirectory.with { directory in
      let path = directory + "/final"
      let error = #expect(throws: CheckpointError.self) {
        try AtomicDirectory.write(to: path) { try AtomicFile.write("", to: $0 + "/none/a") }
      }
      #expect(error?.path == path + "/none/a" && error?.message.contains("No such file") == true)
      let left = try contents(directory)
      #expect(left.isEmpty)
    }
  }

  @Test(arguments: [
    ("file/final", "file", "is not a directory"), ("file", "file", "is not a directory"),
    ("file/a/b", "file/a", "Not a directory"),
  ]) func noDirectoryCanBeThere(name: String, at: String, reason: String) throws {
    try TemporaryDirectory.with { directory in
      try AtomicFile.write("kept", to: directory + "/file")
      let error = #expect(throws: CheckpointError.self) {
        try AtomicDirectory.write(to: directory + "/" + name) { _ in
          Issue.record("the body must not be called")
        }
      }
      #expect(error?.path == directory + "/" + at, "\(error?.description ?? "")")
      #expect(error?.message.contains(reason) == true, "\(error?.description ?? "")")
      #expect(try contents(directory) == ["file"])
    }
  }

  /// What was moved away while it was written into is not begun again under its old name.
  @Test func aMissingParentCanBeAnError() throws {
    try TemporaryDirectory.with { directory in
      let error = #expect(throws: CheckpointError.self) {
        try AtomicDirectory.write(to: directory + "/gone/final", createsParents: false) { _ in }
      }
      #expect(error?.message.hasSuffix("No such file or directory") == true)
      let left = try contents(directory)
      #expect(left.isEmpty)
    }
  }

  @Test func unwritableFileSystem() {
    let error = #expect(throws: CheckpointError.self) {
      try AtomicDirectory.write(to: "/proc/ktrain/final") { _ in }
    }
    #expect(error?.path == "/proc/ktrain" && error?.message.hasPrefix("cannot be created:") == true)
  }

  /// What a process that is gone has left is removed, what it moved aside is put back; the
  /// temporary files of a living process stay.
  @Test func cleansUpAfterDeadProcesses() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/true")
    try process.run()
    process.waitUntilExit()
    let dead = process.processIdentifier
    try TemporaryDirectory.with { directory in
      func make(_ name: String) throws {
        try FileManager.default.createDirectory(
          atPath: directory + "/" + name + "/inside", withIntermediateDirectories: true)
        try AtomicFile.write(name, to: directory + "/" + name + "/inside/a")
      }
      let alive = ".checkpoint-3.ktrain-\(getppid()).new"
      try make(".checkpoint-1.ktrain-\(dead).new")
      try make(alive)
      try make(".ktrain-\(dead).new")  // no target: not ours
      try make(".cafe.\u{301}.ktrain-\(dead).new")
      try make("kept.ktrain-\(dead).new")
      try make(".moved.ktrain-\(dead).old")
      try make("replaced")
      try make(".replaced.ktrain-\(dead).old")
      try AtomicFile.write("", to: directory + "/.log.jsonl.ktrain-\(dead).new")
      try AtomicDirectory.write(to: directory + "/checkpoint-2") { _ in }
      #expect(
        try Set(contents(directory)) == [
          alive, ".ktrain-\(dead).new", "kept.ktrain-\(dead).new", "moved", "replaced",
          "checkpoint-2",
        ])
      #expect(
        try String(contentsOfFile: directory + "/replaced/inside/a", encoding: .utf8) == "replaced")
    }
  }

  /// In a container each start of a program may have the same number.
  @Test func anEarlierProcessHadOurNumber() throws {
    try TemporaryDirectory.with { directory in
      let leftover = directory + "/.final.ktrain-\(getpid()).new"
      try FileManager.default.createDirectory(
        atPath: leftover, withIntermediateDirectories: true)
      try AtomicFile.write("stale", to: leftover + "/stale")
      try AtomicDirectory.write(to: directory + "/final") { _ in }
      #expect(try contents(directory) == ["final"])
      #expect(try contents(directory + "/final") == ["manifest.json"])
    }
  }
}

@Suite struct ManifestTests {
  private func checkpoint(_ body: (String) throws -> Void) throws {
    try TemporaryDirectory.with { directory in
      try AtomicDirectory.write(to: directory + "/c") { temporary in
        try AtomicFile.write("0123456789", to: temporary + "/a")
        try AtomicFile.write("x", to: temporary + "/b")
      }
      try body(directory + "/c")
    }
  }

  private func expectError(
    _ directory: String, at file: String, _ message: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: CheckpointError.self, sourceLocation: sourceLocation) {
      try Manifest.verify(directory)
    }
    #expect(error?.path == directory + "/" + file, sourceLocation: sourceLocation)
    #expect(
      error?.message.contains(message) == true, "\(error?.description ?? "")",
      sourceLocation: sourceLocation)
  }

  /// Files are hashed while they are written; one that is changed afterwards is hashed once more.
  @Test func filesMayChangeUntilTheManifestIsWritten() throws {
    try TemporaryDirectory.with { directory in
      let large = [UInt8](repeating: 7, count: (3 << 20) + 11)
      try AtomicDirectory.write(to: directory + "/c") { temporary in
        try AtomicFile.write(large, to: temporary + "/large")
        try AtomicFile.write("0123456789", to: temporary + "/a")
        try Data("other".utf8).write(to: URL(fileURLWithPath: temporary + "/a"))
        try AtomicFile.write("first", to: temporary + "/b")
        try AtomicFile.write("the second", to: temporary + "/b")
      }
      try Manifest.verify(directory + "/c")
      let files = try Manifest(reading: directory + "/c").files
      #expect(files.map(\.path) == ["a", "b", "large"])
      #expect(files[0].sha256 == FileDigest(of: Array("other".utf8)))
      #expect(files[2].sha256 == FileDigest(of: large) && files[2].size == large.count)
    }
  }

  @Test func otherFilesAreLetBe() throws {
    try checkpoint { directory in
      try AtomicFile.write("", to: directory + "/c")
      try Manifest.verify(directory)
    }
  }

  @Test func changesAreFound() throws {
    try checkpoint { directory in
      try AtomicFile.write("0123456788", to: directory + "/a")
      expectError(directory, at: "a", "has SHA-256")
      try AtomicFile.write("012345678", to: directory + "/a")
      expectError(directory, at: "a", "has 9 bytes, the manifest says 10")
      try FileManager.default.removeItem(atPath: directory + "/a")
      expectError(directory, at: "a", "No such file or directory")
      try FileManager.default.removeItem(atPath: directory + "/manifest.json")
      expectError(directory, at: "manifest.json", "No such file or directory")
    }
  }

  /// Files that are hashed when they are read.
  @Test func someFilesAreLeftForLater() throws {
    try checkpoint { directory in
      let manifest = try Manifest(reading: directory)
      try manifest.check(FileDigest(of: Array("0123456789".utf8)), of: "a", in: directory)
      try AtomicFile.write("0123456788", to: directory + "/a")
      try Manifest.verify(directory, butNotContentsOf: ["a", "c"])
      for (name, message) in [
        ("a", "has SHA-256 "), ("b", "has SHA-256 "), ("c", "is not in the manifest"),
      ] {
        let error = #expect(throws: CheckpointError.self) {
          try manifest.check(FileDigest(contentsOf: directory + "/a"), of: name, in: directory)
        }
        #expect(error?.path == directory + "/" + name)
        #expect(error?.message.hasPrefix(message) == true, "\(error?.description ?? "")")
      }
      try AtomicFile.write("y", to: directory + "/b")
      for unread in [["a"], []] as [Set<String>] {
        let error = #expect(throws: CheckpointError.self) {
          try Manifest.verify(directory, butNotContentsOf: unread)
        }
        #expect(error?.path == directory + (unread.isEmpty ? "/a" : "/b"))
      }
      try AtomicFile.write("012345678", to: directory + "/a")
      let error = #expect(throws: CheckpointError.self) {
        try Manifest.verify(directory, butNotContentsOf: ["a"])
      }
      #expect(error?.message == "has 9 bytes, the manifest says 10")
    }
  }

  @Test(arguments: [
    ("{", "expected"), ("{}", "no object \"files\""), ("{\"files\": []}", "no object \"files\""),
    ("{\"files\": {\"a\": {\"size\": 1}}}", "\"a\" has no size, or no sha256"),
    ("{\"files\": {\"a\": {\"size\": 1, \"sha256\": \"00\"}}}", "\"a\" has no size, or no sha256"),
    ("{\"files\": {\"../a\": {}}}", "leads out"), ("{\"files\": {\"/a\": {}}}", "leads out"),
    ("{\"files\": {\"\": {}}}", "leads out"),
  ]) func malformedManifests(text: String, message: String) throws {
    try checkpoint { directory in
      try AtomicFile.write(text, to: directory + "/manifest.json")
      expectError(directory, at: "manifest.json", message)
    }
  }

  /// A file larger than the buffer through which it is hashed; digest by Python's hashlib of
  /// `bytes(i * i % 251 for i in range(3 << 20))`.
  @Test func digestsInPieces() throws {
    try TemporaryDirectory.with { directory in
      let bytes = (0..<3 << 20).map { UInt8($0 * $0 % 251) }
      try AtomicFile.write(bytes, to: directory + "/a")
      let expected = "0d7baeb8955821e78b332df5c6a2d7c42ad3135de44beb2a51b9c750dce67cb9"
      #expect(try FileDigest(contentsOf: directory + "/a").description == expected)
      #expect(FileDigest(of: bytes).description == expected)
      #expect(FileDigest(hexadecimal: expected) == FileDigest(of: bytes))
      var hasher = SHA256Hasher()
      bytes.withUnsafeBytes { whole in
        hasher.update(.init(rebasing: whole[..<1000]))
        hasher.update(.init(rebasing: whole[1000..<1000]))
        hasher.update(.init(rebasing: whole[1000...]))
      }
      #expect(hasher.finalize().description == expected)
    }
  }
}
