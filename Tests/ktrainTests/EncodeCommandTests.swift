import Datasets
import Foundation
import JSONValues
import TestSupport
import Testing

/// What `ktrain encode` does besides encoding.
@Suite struct EncodeCommandTests {
  let model = Fixture.path("tiny-bert", of: "EncodersTests")

  private func vectors(_ arguments: [String], _ texts: [String]) throws -> [[Double]] {
    let outcome = try CommandLineTool.run(
      ["encode", model] + arguments, input: texts.joined(separator: "\n"))
    #expect(outcome.status == 0, "\(outcome.error)")
    let lines = outcome.output.split(separator: "\n")
    return try lines.map { try JSONValue(parsing: String($0)).numbers }
  }

  @Test func vectorsAreCutAndScaledAsThePeersAre() throws {
    let fixture = try Fixture.json("retrieval.json", of: "ktrainTests")
    let texts = try #require(fixture["texts"]?.array).map { $0.string ?? "" }
    let found = try vectors(["--truncate-dim", "12", "--normalize"], texts)
    #expect(found.allSatisfy { $0.count == 12 } && found.count == 5)
    expectClose(
      found.flatMap { $0 }, fixture["vectors"]?.numbers ?? [], relative: 1e-5, absolute: 1e-6)
  }

  @Test func bf16IsNearFp32() throws {
    let texts = (0..<40).map { "text number \($0) about \($0 * 7 % 11) rivers" }
    let (exact, short) = (try vectors([], texts), try vectors(["--bf16"], texts))
    #expect(exact != short)
    for (one, other) in zip(exact, short) {
      let inner = zip(one, other).reduce(0) { $0 + $1.0 * $1.1 }
      let lengths = [one, other].map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
      #expect(inner / (lengths[0] * lengths[1]) > 0.999)
    }
  }

  @Test func promptsGoByName() throws {
    let files = try RunFiles()
    try files.write(
      #"{"prompts": {"query": "query: ", "own": "own: "}, "default_prompt_name": "own"}"#,
      to: files.model + "/config_sentence_transformers.json")
    func run(_ arguments: String...) throws -> CommandLineTool.Outcome {
      try CommandLineTool.run(["encode", files.model] + arguments, input: "a text")
    }
    #expect(try run("--prompt-name", "query").output == run("--prompt", "query: ").output)
    #expect(try run().output == run("--prompt", "own: ").output)
    #expect(try run().output != run("--prompt", "").output)
    let unknown = try run("--prompt-name", "passage")
    #expect(unknown.status == 1 && unknown.error.contains("it has: own, query"), "\(unknown.error)")
    #expect(try run("--prompt-name", "own", "--prompt", "x").status == 2)
  }

  /// More texts than are read at a time, in each of the formats.
  @Test func manyTextsAreWrittenInTheirOrder() throws {
    let texts = (0..<9000).map { "\($0)" }
    let input = try Fixture.temporary("texts.txt")
    try texts.joined(separator: "\n").write(toFile: input, atomically: true, encoding: .utf8)
    let (npy, h5) = (try Fixture.temporary("v.npy"), try Fixture.temporary("v.h5"))
    for path in [npy, h5] {
      let outcome = try CommandLineTool.run("encode", model, input, "--output", path)
      #expect(outcome.status == 0, "\(outcome.error)")
      let names = try FileManager.default.contentsOfDirectory(
        atPath: URL(filePath: path).deletingLastPathComponent().path)
      #expect(names.count == 1, "\(names)")
    }
    let (numbers, shape) = try HDF5File(reading: h5, path: h5)
      .read(Float.self, of: "embeddings", rank: 2)
    #expect(shape == [9000, 32])
    let array = try VectorFile(path: npy)
    #expect(array.count == 9000 && array.dimension == 32)
    var read = [Float](repeating: 0, count: 2 * 32)
    try read.withUnsafeMutableBufferPointer { try array.read(rows: 8191..<8193, into: $0) }
    #expect(read == Array(numbers[8191 * 32..<8193 * 32]))
    let lines = try vectors([], ["8191", "8192"])
    expectClose(lines.flatMap { $0 }, read.map(Double.init), relative: 1e-5, absolute: 1e-6)
  }

  @Test(arguments: ["npy", "h5", "jsonl"])
  func nothingIsLeftOfAFileThatIsNotWhole(ending: String) throws {
    let folder = URL(filePath: try Fixture.temporary("v")).deletingLastPathComponent().path
    let input = try Fixture.temporary("texts.txt")
    try Data("one\ntwo\n".utf8 + [0xFF, 0x0A]).write(to: URL(filePath: input))
    let outcome = try CommandLineTool.run(
      "encode", model, input, "--output", "\(folder)/v.\(ending)")
    #expect(outcome.status == 1 && outcome.error.contains("line 3: is not UTF-8"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)

    // A signal in the middle: the texts come from a pipe that stays open.
    let process = CommandLineTool.process(["encode", model, "--output", "\(folder)/v.\(ending)"])
    let pipe = Pipe()
    process.standardInput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let texts = Data(String(repeating: "a\n", count: 9000).utf8)
    try pipe.fileHandleForWriting.write(contentsOf: texts)
    while try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty {
      Thread.sleep(forTimeInterval: 0.01)
    }
    kill(process.processIdentifier, SIGTERM)
    try pipe.fileHandleForWriting.write(contentsOf: texts)
    try pipe.fileHandleForWriting.close()
    process.waitUntilExit()
    #expect(process.terminationStatus == 143)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
  }
}
