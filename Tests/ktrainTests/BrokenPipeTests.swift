import Foundation
import JSONValues
import TestSupport
import Testing

/// Whoever reads the output has seen enough: results end the command as other tools end, and what a run
/// says of its progress does not stop it.
@Suite struct BrokenPipeTests {
  private let model = Fixture.path("tiny-bert", of: "EncodersTests")
  private let beir = Fixture.path("curve-tiny-beir", of: "TrainingTests")

  /// Runs the tool with a reader that takes one line, or none, and goes away.
  ///
  /// - Returns: How it ended, the first line and what it said of it.
  private func run(
    _ arguments: [String], input: String, readsLine: Bool
  ) throws -> (process: Process, line: String, error: String) {
    let process = CommandLineTool.process(arguments)
    let texts = try Fixture.temporary("input.txt")
    try input.write(toFile: texts, atomically: true, encoding: .utf8)
    let (output, error) = (Pipe(), Pipe())
    process.standardInput = FileHandle(forReadingAtPath: texts)
    process.standardOutput = output
    process.standardError = error
    if !readsLine { try output.fileHandleForReading.close() }
    try process.run()
    var line = Data()
    while readsLine, let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty,
      byte != Data("\n".utf8)
    { line += byte }
    if readsLine { try output.fileHandleForReading.close() }
    let faults = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process, String(decoding: line, as: UTF8.self), String(decoding: faults, as: UTF8.self))
  }

  /// More than a pipe holds.
  private static let texts = (0..<20_000).map { "text number \($0)" }.joined(separator: "\n")

  @Test(arguments: ["encode", "tokenize"]) func theFirstLineIsEnough(_ command: String) throws {
    let end = try run([command, model], input: Self.texts, readsLine: true)
    #expect(end.line.hasPrefix("[") && end.line.hasSuffix("]"))
    #expect(end.process.terminationReason == .uncaughtSignal)
    #expect(end.process.terminationStatus == SIGPIPE)
    #expect(end.error.isEmpty, "\(end.error)")
  }

  @Test func theFirstAnswerIsEnough() throws {
    let corpus = try Fixture.temporary("corpus.txt")
    try (0..<50).map { "text \($0)" }.joined(separator: "\n")
      .write(toFile: corpus, atomically: true, encoding: .utf8)
    let queries = Self.texts.split(separator: "\n").prefix(2000).joined(separator: "\n")
    let end = try run(
      ["search", model, corpus, "--json", "--store", corpus + ".store"], input: queries,
      readsLine: true)
    #expect(end.line.hasPrefix("{\"query\": \"text number 0\""))
    #expect(end.process.terminationReason == .uncaughtSignal)
    #expect(end.process.terminationStatus == SIGPIPE)
    #expect(!end.error.contains("error"), "\(end.error)")
  }

  @Test func nobodyReadsATable() throws {
    let end = try run(["eval", model, beir], input: "", readsLine: false)
    #expect(end.process.terminationReason == .uncaughtSignal)
    #expect(end.process.terminationStatus == SIGPIPE)
    #expect(!end.error.contains("error"), "\(end.error)")
  }

  @Test func aRunGoesOnWithoutAnyoneToTell() throws {
    let files = try RunFiles()
    let process = CommandLineTool.process(try files.fitting())
    let error = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = error
    try error.fileHandleForReading.close()
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 0)
    #expect(FileManager.default.fileExists(atPath: files.output + "/final/model.safetensors"))
  }
}
