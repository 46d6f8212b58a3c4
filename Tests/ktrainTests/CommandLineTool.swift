import Foundation

/// The binary under test, run as a user runs it.
enum CommandLineTool {
  struct Outcome {
    let status: Int32
    let output: String
    let error: String
  }

  /// Beside the test bundle, where SwiftPM puts all products of one build.
  private static let binary: URL = {
    var directory = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    while directory.path != "/" {
      let candidate = directory.appending(path: "ktrain")
      if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
      directory.deleteLastPathComponent()
    }
    return URL(filePath: "/ktrain-was-not-built")
  }()

  /// Whether it is built with a sanitizer, as Tests/sanitize.sh does.
  static let isSanitized = ProcessInfo.processInfo.environment["KTRAIN_SANITIZER"] != nil

  /// Runs the tool to its end.
  static func run(_ arguments: String..., input: String = "") throws -> Outcome {
    try run(arguments, input: input)
  }

  /// The tool with arguments, not started yet.
  static func process(_ arguments: [String]) -> Process {
    let process = Process()
    process.executableURL = binary
    process.arguments = arguments
    return process
  }

  /// Starts the tool, its output going to a file.
  static func start(_ arguments: [String], error path: String) throws -> Process {
    try start(process(arguments), error: path)
  }

  /// Starts a process, its output going to a file.
  static func start(_ process: Process, error path: String) throws -> Process {
    try Data().write(to: URL(filePath: path))
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle(forWritingAtPath: path)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// Runs the tool to its end, in a control group if one is given.
  static func run(
    _ arguments: [String], input: String = "", group: String? = nil
  ) throws -> Outcome {
    let process = process(arguments)
    if let group {
      process.executableURL = URL(filePath: "/bin/sh")
      let join = "echo $$ > \(group)/cgroup.procs && exec \"$0\" \"$@\""
      process.arguments = ["-c", join, binary.path] + arguments
    }
    return try outcome(of: process, input: input)
  }

  /// Runs a process to its end.
  static func outcome(of process: Process, input: String = "") throws -> Outcome {
    let (output, error, stdin) = (Pipe(), Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = error
    process.standardInput = stdin
    try process.run()
    try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try stdin.fileHandleForWriting.close()
    let lines = output.fileHandleForReading.readDataToEndOfFile()
    let faults = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: String(decoding: lines, as: UTF8.self),
      error: String(decoding: faults, as: UTF8.self))
  }
}
