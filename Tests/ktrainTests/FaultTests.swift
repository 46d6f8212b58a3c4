import Foundation
import JSONValues
import TestSupport
import Testing

/// What can happen to a run from outside: one clear line, nothing lost, and it can go on afterwards.
@Suite(.serialized) struct FaultTests {
  /// Twelve steps with a checkpoint after each second one, elsewhere than the data.
  private func files(output: String? = nil) throws -> RunFiles {
    var files = try RunFiles()
    files.setArgument("max_steps", 12)
    files.setArgument("save_steps", 2)
    if let output { files.setArgument("output_dir", .string(output)) }
    return files
  }

  private func expectOneLine(
    _ outcome: CommandLineTool.Outcome, _ messages: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let lines = outcome.error.split(separator: "\n").filter { $0.hasPrefix("ktrain: error: ") }
    #expect(outcome.status == 1, "\(outcome.error)", sourceLocation: sourceLocation)
    #expect(lines.count == 1, "\(outcome.error)", sourceLocation: sourceLocation)
    #expect(
      outcome.error.hasSuffix((lines.last ?? "") + "\n"), "\(outcome.error)",
      sourceLocation: sourceLocation)
    for message in messages {
      #expect(
        lines.last?.contains(message) == true, "\(outcome.error)", sourceLocation: sourceLocation)
    }
  }

  /// Starts a run that would take long, and waits for its first steps.
  private func running(_ files: RunFiles) throws -> (process: Process, log: String) {
    let log = files.directory + "/stderr"
    let process = try CommandLineTool.start(
      files.fitting(["--set", "args.max_steps=100000"]), error: log)
    while process.isRunning, try !text(log).contains("saved ") {
      Thread.sleep(forTimeInterval: 0.01)
    }
    return (process, log)
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test func twoRunsInOneDirectory() throws {
    let files = try files()
    let (process, _) = try running(files)
    // Of other steps, so that it would end if nothing kept it out.
    expectOneLine(
      try files.fit(), files.output,
      "another run is writing here: wait for it or choose another output_dir")
    #expect(process.isRunning)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    expectOneLine(try files.fit(), "args.max_steps was 100000 and is 12")  // no lock is left
  }

  @Test func theDirectoryIsRemoved() throws {
    let files = try files()
    let (process, log) = try running(files)
    try FileManager.default.moveItem(atPath: files.output, toPath: files.output + ".moved")
    process.waitUntilExit()
    let outcome = CommandLineTool.Outcome(
      status: process.terminationStatus, output: "", error: try text(log))
    expectOneLine(outcome, files.output, "was removed or replaced while the run was going on")
    try FileManager.default.moveItem(atPath: files.output + ".moved", toPath: files.output)
    let (again, secondLog) = try running(files)
    kill(again.processIdentifier, SIGKILL)
    again.waitUntilExit()
    #expect(try text(secondLog).contains("resumed  "))
  }

  /// A learning rate at which the weights overflow: the checkpoints before stay.
  @Test func aLossThatIsNotANumber() throws {
    let files = try files()
    let recipe = ["--set", "args.learning_rate=1e30", "--set", "args.save_steps=1"]
    let outcome = try CommandLineTool.run(files.fitting(recipe))
    expectOneLine(
      outcome, files.output, " at step 2, rows ", "of the data (from 0); lower",
      "the loss is not a number")
    let again = try CommandLineTool.run(files.fitting(recipe))
    expectOneLine(again, " at step 2, rows ")
    #expect(again.error.contains("resumed  \(files.output)/checkpoint-1, after step 1"))
  }

  /// A large loss of embeddings that were tiny before they got the length 1: their gradient is that
  /// of the loss divided by the length.
  @Test func aGradientThatIsNotFinite() throws {
    let files = try files()
    let norm = "encoder.layer.1.output.LayerNorm."
    try files.scale([norm + "weight", norm + "bias"], by: 1e-8)
    expectOneLine(
      try files.fit("--set", "loss.scale=1e36"),
      "the gradient of ", "is not finite at step 1, rows ", "of the data")
  }

  // MARK: - A control group of our own

  /// A control group with a limit of memory, of the first version or the second; nil where none can
  /// be made.
  private static func controlGroup(_ bytes: Int) -> String? {
    let name = "ktrain-test-\(getpid())"
    for (mount, limit) in [
      ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max"),
    ] where FileManager.default.fileExists(atPath: mount + "/cgroup.procs") {
      let path = "\(mount)/\(name)"
      guard
        (try? FileManager.default.createDirectory(
          atPath: path, withIntermediateDirectories: true)) != nil,
        FileManager.default.fileExists(atPath: "\(path)/\(limit)"),
        (try? "\(bytes)".write(toFile: "\(path)/\(limit)", atomically: false, encoding: .utf8))
          != nil
      else { continue }
      return path
    }
    return nil
  }

  static let canLimit: Bool = {
    guard let group = controlGroup(1 << 30) else { return false }
    return rmdir(group) == 0
  }()

  /// A step that would take more than the group lets it have; what the message names does fit.
  @Test(.enabled(if: canLimit && !CommandLineTool.isSanitized)) func theMemoryIsTooSmall() throws {
    var files = try files()
    let rows = (0..<3000).map {
      #"{"anchor": "question \#($0) and so on and so on", "positive": "the answer is \#($0)"}"#
    }
    try files.write(rows.joined(separator: "\n") + "\n", to: files.data)
    files.setArgument("max_steps", 2)
    files.setArgument("per_device_train_batch_size", 3000)
    let group = try #require(Self.controlGroup(230 << 20))
    defer { rmdir(group) }
    func fit(_ arguments: String...) throws -> CommandLineTool.Outcome {
      try CommandLineTool.run(files.fitting(arguments), group: group)
    }
    let refused = try fit("--set", "runtime.memory=4GiB")
    expectOneLine(refused, "runtime.memory: the largest step needs ", "MiB would fit")
    #expect(try FileManager.default.contentsOfDirectory(atPath: files.output).isEmpty)
    let size = try #require(refused.error.firstMatch(of: #/ ([0-9]+MiB) would fit/#)?.1)
    let outcome = try fit("--set", "runtime.memory=\(size)")
    #expect(outcome.status == 0, "\(outcome.error)")
    // Where the recipe leaves it open it is lowered; the result is the same.
    let open = try fit("--output-dir", files.directory + "/open")
    #expect(open.status == 0, "\(open.error)")
    let weights = "/final/model.safetensors"
    #expect(
      try Data(contentsOf: URL(filePath: files.output + weights))
        == Data(contentsOf: URL(filePath: files.directory + "/open" + weights)))
  }

  // MARK: - File systems of our own

  static let canMount: Bool = {
    guard getuid() == 0, let path = try? Fixture.temporary("mount") else { return false }
    return (try? FileSystem(path, size: "1m")) != nil
  }()

  /// A small file system in memory, until it is let go.
  private final class FileSystem {
    let path: String

    init(_ path: String, size: String) throws {
      self.path = path
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try Self.run("mount", "-t", "tmpfs", "-o", "size=\(size)", "tmpfs", path)
    }

    deinit { try? Self.run("umount", "-l", path) }

    func remount(_ options: String) throws {
      try Self.run("mount", "-o", "remount,\(options)", path)
    }

    private static func run(_ arguments: String...) throws {
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = arguments
      process.standardError = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      guard process.terminationStatus == 0 else { throw CocoaError(.featureUnsupported) }
    }
  }

  /// Full before the first checkpoint, at a later one, and by a line of the log.
  @Test(.enabled(if: canMount), arguments: ["8k", "400k", "2m", "3300k"])
  func theDiskIsFull(size: String) throws {
    let disk = try FileSystem(try Fixture.temporary("disk"), size: size)
    let files = try files(output: disk.path + "/run")
    let straight = files.directory + "/straight"
    #expect(try files.fit("--output-dir", straight).status == 0)
    expectOneLine(try files.fit(), disk.path + "/run", "No space left on device")
    expectOneLine(try files.fit(), disk.path + "/run", "No space left on device")
    let left = try FileManager.default.contentsOfDirectory(atPath: disk.path + "/run")
    #expect(!left.contains { $0.hasPrefix(".") }, "\(left)")
    try disk.remount("size=100m")
    let outcome = try files.fit()
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.contains("resumed  ") == size.hasSuffix("m") || size == "3300k")
    try expectSameRuns(disk.path + "/run", straight, "after a full disk of \(size)")
  }

  @Test(.enabled(if: canMount)) func theDiskIsReadOnly() throws {
    let disk = try FileSystem(try Fixture.temporary("disk"), size: "50m")
    let files = try files(output: disk.path + "/run")
    try disk.remount("ro")
    expectOneLine(try files.fit(), disk.path + "/run", "cannot be created", "Read-only file system")
    try disk.remount("rw")
    #expect(try files.fit().status == 0)
    for name in ["final", "checkpoint-12"] {
      try FileManager.default.removeItem(atPath: disk.path + "/run/" + name)
    }
    try disk.remount("ro")
    expectOneLine(try files.fit(), disk.path + "/run/recipe.json", "Read-only file system")
    try disk.remount("rw")
    #expect(try files.fit().error.contains("checkpoint-10, after step 10"))
  }
}
