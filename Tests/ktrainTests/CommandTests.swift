import Datasets
import Foundation
import JSONValues
import TestSupport
import Testing

/// The commands through the binary.
@Suite struct CommandTests {
  let model = Fixture.path("tiny-bert", of: "EncodersTests")

  @Test(arguments: [[], ["--help"], ["fit", "--help"], ["recipe", "--help"]])
  func helpIsAResult(arguments: [String]) throws {
    let outcome = try run(arguments)
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    #expect(outcome.output.contains("USAGE: ktrain"))
  }

  @Test(arguments: [["fit"], ["nonsense"], ["fit", "a", "b"], ["encode", "m", "--threads", "-1"]])
  func wrongUsageIsStatus2(arguments: [String]) throws {
    let outcome = try run(arguments)
    #expect(outcome.status == 2 && outcome.output.isEmpty)
    #expect(outcome.error.contains("Error: "))
  }

  @Test func tokenizePrintsThePeersIds() throws {
    let golden = try Fixture.json("tiny-bert.golden.json", of: "EncodersTests")
    let texts = try #require(golden["texts"]?.array)
    let input = texts.map { JSONValue.object(JSONObject([("text", $0)])).text() }
      .joined(separator: "\n")
    let outcome = try CommandLineTool.run(
      "tokenize", model, "--jsonl", "--max-length", "64", input: input)
    let ids = try outcome.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    #expect(ids == golden["input_ids"]?.array)
  }

  @Test func encodeWritesThePeersVectors() throws {
    let golden = try Fixture.json("tiny-bert.golden.json", of: "EncodersTests")
    let texts = try #require(golden["texts"]?.array)
    let expected = try #require(golden["variants"]?["native"]?["embeddings"]?.array)
    let file = try Fixture.temporary("texts.jsonl")
    try texts.map { JSONValue.object(JSONObject([("body", $0)])).text() }.joined(separator: "\n")
      .write(toFile: file, atomically: true, encoding: .utf8)
    let outcome = try CommandLineTool.run("encode", model, file, "--field", "body")
    let vectors = try outcome.output.split(separator: "\n")
      .map { try JSONValue(parsing: String($0)).numbers }
    #expect(vectors.count == texts.count)
    expectClose(
      vectors.flatMap { $0 }, expected.flatMap(\.numbers), relative: 1e-5, absolute: 1e-6)

    let array = try Fixture.temporary("vectors.npy")
    #expect(try run(["encode", model, file, "--field", "body", "--output", array]).status == 0)
    let bytes = try Data(contentsOf: URL(filePath: array))
    let header = String(decoding: bytes[10..<128], as: UTF8.self)
    #expect(bytes.prefix(8) == Data([0x93] + Array("NUMPY".utf8) + [1, 0]))
    #expect(header.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (15, 32), }"))
    let floats = bytes.dropFirst(128).withUnsafeBytes { buffer in
      (0..<buffer.count / 4).map { buffer.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
    }
    #expect(floats == vectors.flatMap { $0 }.map { Float($0) })
  }

  @Test func encodeCutsVectors() throws {
    func vectors(_ arguments: [String]) throws -> [[Double]] {
      let outcome = try CommandLineTool.run(["encode", model] + arguments, input: "a text\nmore")
      return try outcome.output.split(separator: "\n").map {
        try JSONValue(parsing: String($0)).numbers
      }
    }
    let whole = try vectors([])
    #expect(whole.map(\.count) == [32, 32])
    #expect(try vectors(["--truncate-dim", "5"]) == whole.map { Array($0.prefix(5)) })
  }

  @Test func encodeWritesHDF5() throws {
    let texts = ["one text", "", "and 한 more"]
    let path = try Fixture.temporary("vectors.h5")
    let input = texts.joined(separator: "\n")
    let outcome = try CommandLineTool.run(
      "encode", model, "--prompt", "p: ", "--output", path, input: input)
    #expect(outcome.status == 0, "\(outcome.error)")
    let expected = try CommandLineTool.run("encode", model, "--prompt", "p: ", input: input)
    let vectors = try expected.output.split(separator: "\n").flatMap {
      try JSONValue(parsing: String($0)).numbers.map { Float($0) }
    }
    let file = try HDF5File(reading: path, path: path)
    let (elements, shape) = try file.read(Float.self, of: "embeddings", rank: 2)
    #expect(shape == [3, 32])
    #expect(elements == vectors)
    #expect(Array(try TextDataset(contentsOf: [path], columns: ["text"]).columns[0]) == texts)
    for (name, value) in [
      ("model", model), ("prompt", "p: "), ("max_seq_length", "64"), ("normalized", "true"),
    ] { #expect(try file.texts(ofAttribute: name) == [value], "\(name)") }
  }

  @Test func evalEqualsThePeer() throws {
    let expected = try #require(
      Fixture.json("curve-tiny-bert.json", of: "TrainingTests")["evaluations"]?["0"]?.object)
    let json = try Fixture.temporary("metrics.json")
    let data = Fixture.path("curve-tiny-beir", of: "TrainingTests")
    let outcome = try run([
      "eval", model, data, "--query-prompt", "query: ", "--corpus-prompt", "passage: ", "--output",
      json,
    ])
    #expect(outcome.status == 0, "\(outcome.error)")
    let metrics = try JSONValue(parsing: Data(contentsOf: URL(filePath: json)))[data]
    for (name, value) in expected.members {
      let key = String(name.dropFirst("tiny_".count))
      expectClose(
        [metrics?[key]?.double ?? .nan], [value.double ?? 0], relative: 0, absolute: 1e-9, key)
      #expect(outcome.output.contains(key))
    }
  }

  @Test func checkAndSchema() throws {
    let files = try RunFiles()
    let path = files.directory + "/recipe.json"
    try files.write(JSONValue.object(files.recipe).text(), to: path)
    let outcome = try run(["recipe", "check", path, "--set", "args.max_steps=7"])
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(
      outcome.output.hasPrefix(
        "ok: 12 rows of anchor, positive; MultipleNegativesRankingLoss, 3 negatives for each anchor; "
          + "7 steps"))
    #expect(!FileManager.default.fileExists(atPath: files.output))
    #expect(!outcome.output.contains("note: "))
    let rare = try run(["recipe", "check", path, "--set", "args.logging_steps=4"]).output
    #expect(rare.contains("note: args.logging_steps: no loss is logged in 3 steps"), "\(rare)")
    let schema = try JSONValue(parsing: run(["recipe", "schema"]).output)
    #expect(schema["properties"]?["train_dataset"] != nil)
  }

  private func run(_ arguments: [String]) throws -> CommandLineTool.Outcome {
    try CommandLineTool.run(arguments)
  }
}
