import Foundation
import JSONValues
import TestSupport
import Testing

/// `ktrain eval` of several models, of vectors, and of embeddings that are cut.
@Suite struct EvalCommandTests {
  let model = Fixture.path("tiny-bert", of: "EncodersTests")
  let data = Fixture.path("curve-tiny-beir", of: "TrainingTests")
  let prompts = ["--query-prompt", "query: ", "--corpus-prompt", "passage: "]

  private func expectEqual(_ found: JSONValue?, _ expected: JSONValue?) throws {
    let expected = try #require(expected?.object)
    for (name, value) in expected.members {
      expectClose(
        [found?[name]?.double ?? .nan], [value.double ?? 0], relative: 0, absolute: 1e-9, name)
    }
  }

  @Test(arguments: ["None", "12"])
  func vectorsGiveTheMetricsOfTheirModel(dimension: String) throws {
    let expected = try Fixture.json("retrieval.json", of: "ktrainTests")["evaluations"]?[dimension]
    let cut = dimension == "None" ? [] : ["--truncate-dim", dimension]
    let direct = try CommandLineTool.run(["eval", model, data, "--json"] + prompts + cut)
    #expect(direct.status == 0, "\(direct.error)")
    try expectEqual(JSONValue(parsing: direct.output)[data], expected)

    // One of NumPy's files and one of HDF5's, whole: they are cut when they are read.
    let vectors = try Fixture.temporary("vectors")
    try FileManager.default.createDirectory(atPath: vectors, withIntermediateDirectories: true)
    for (name, prompt, ending) in [("queries", "query: ", "npy"), ("corpus", "passage: ", "h5")] {
      let outcome = try CommandLineTool.run(
        "encode", model, "\(data)/\(name).jsonl", "--field", "title", "--field", "text", "--prompt",
        prompt, "--output", "\(vectors)/\(name).\(ending)")
      #expect(outcome.status == 0, "\(outcome.error)")
    }
    let file = try Fixture.temporary("metrics.json")
    let outcome = try CommandLineTool.run(["eval", vectors, data, "--output", file] + cut)
    #expect(outcome.status == 0, "\(outcome.error)")
    let metrics = try JSONValue(parsing: Data(contentsOf: URL(filePath: file)))[data]
    try expectEqual(metrics, expected)
  }

  @Test func modelsAndDataSetsStandSideBySide() throws {
    let other = Fixture.path("tiny-xlmr", of: "EncodersTests")
    let copy = try Fixture.temporary("again")
    try FileManager.default.copyItem(atPath: data, toPath: copy)
    let csv = try Fixture.temporary("metrics.csv")
    let outcome = try CommandLineTool.run("eval", model, other, data, copy, "--output", csv)
    #expect(outcome.status == 0, "\(outcome.error)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines[0].split(separator: " ") == ["tiny-bert", "tiny-xlmr", "change"])
    #expect(lines.count { !$0.hasPrefix(" ") } == 3 && lines.contains { $0.hasPrefix("mean of 2") })
    let json = try JSONValue(
      parsing: CommandLineTool.run("eval", model, other, data, copy, "--json").output)
    let metric = "cosine_ndcg@10"
    let values = [model, other].map { json[$0]?[data]?[metric]?.double ?? .nan }
    #expect(json[model]?[data] == json[model]?[copy] && values[0] != values[1])
    let row = try #require(lines.first { $0.contains(metric) }).split(separator: " ").dropFirst()
    expectClose(
      row.compactMap { Double($0) }, [values[0], values[1], values[1] - values[0]], relative: 0,
      absolute: 1e-4)

    let table = try String(contentsOfFile: csv, encoding: .utf8).split(separator: "\n")
      .map { $0.split(separator: ",").map(String.init) }
    #expect(
      table.map { Array($0.prefix(2)) } == [
        ["model", "data"], [model, data], [model, copy], [other, data], [other, copy],
      ])
    let place = try #require(table[0].firstIndex(of: metric))
    #expect(table[1...].map { Double($0[place]) } == [values[0], values[0], values[1], values[1]])
  }

  @Test func vectorsThatDoNotFitAreRefused() throws {
    let vectors = try Fixture.temporary("vectors")
    try FileManager.default.createDirectory(atPath: vectors, withIntermediateDirectories: true)
    _ = try CommandLineTool.run(
      "encode", model, "--output", vectors + "/corpus.npy", input: "one\ntwo\n")
    let alone = try CommandLineTool.run("eval", vectors, data)
    #expect(alone.status == 1 && alone.error.contains("neither queries.npy nor queries.h5"))
    try FileManager.default.copyItem(
      atPath: vectors + "/corpus.npy", toPath: vectors + "/queries.npy")
    let few = try CommandLineTool.run("eval", vectors, data)
    #expect(few.status == 1 && few.error.contains("queries has 2 vectors, but "), "\(few.error)")
    try (Data(contentsOf: URL(filePath: vectors + "/corpus.npy")).dropLast(1))
      .write(to: URL(filePath: vectors + "/corpus.npy"))
    let short = try CommandLineTool.run("eval", vectors, data)
    #expect(short.status == 1 && short.error.contains("it is truncated"), "\(short.error)")
    try Data("no vectors at all".utf8).write(to: URL(filePath: vectors + "/corpus.npy"))
    let none = try CommandLineTool.run("eval", vectors, data)
    #expect(none.status == 1 && none.error.contains("expected vectors, .npy"), "\(none.error)")
  }

  static let faults: [(arguments: [String], status: Int32)] = [
    (["MODEL"], 2), (["MODEL", "MODEL"], 1), (["MODEL", "DATA/no"], 1),
    (["MODEL", "DATA", "--truncate-dim", "33"], 1), (["MODEL", "DATA", "--json", "--csv"], 2),
    (["MODEL", "DATA", "--output", "metrics.txt"], 2),
  ]

  @Test(arguments: faults)
  func wrongArgumentsAreRefused(arguments: [String], status: Int32) throws {
    let outcome = try CommandLineTool.run(
      ["eval"]
        + arguments.map {
          $0.replacing("MODEL", with: model).replacing("DATA", with: data)
        })
    #expect(outcome.status == status && outcome.output.isEmpty, "\(outcome.error)")
    #expect(outcome.error.split(separator: "\n").count == 1 || status == 2)
  }
}
