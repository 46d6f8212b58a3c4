import Foundation
import JSONValues
import TestSupport
import Testing

/// `ktrain eval --autorag` on judgements that are laid out so that the relevant document of each
/// query stands at a rank that is known.
@Suite struct EvalAutoRAGTests {
  /// 114 queries: 85, 13, 5, 2 and 1 at ranks 1 to 5, the others at rank 12; as an embedding model
  /// whose table was published with the reversed order had them.
  @Test func tablesHaveThePublishedNumbers() throws {
    let data = try Self.directory(
      ranks: zip([1, 2, 3, 4, 5, 12], [85, 13, 5, 2, 1, 8]).flatMap {
        Array(repeating: $0, count: $1)
      })
    let json = data + "/metrics.json"
    let outcome = try CommandLineTool.run(
      "eval", Self.model, data, "--autorag", "--autorag-compat", "--output", json)
    #expect(outcome.status == 0, "\(outcome.error)")
    let metrics = try #require(JSONValue(parsing: Data(contentsOf: URL(filePath: json)))[data])
    let published = [
      "recall@3": 0.9035, "f1@3": 0.4517, "precision@3": 0.3012, "map@3": 0.3494, "mrr@3": 0.3494,
      "ndcg@3": 0.4886, "ndcg@1": 0.7456, "recall@5": 0.9298, "map@5": 0.2098, "ndcg@5": 0.3793,
    ]
    for (name, value) in published {
      let found = metrics["cosine_autorag_compat_" + name]?.double ?? .nan
      expectClose([found], [value], relative: 0, absolute: 1e-4, name)
    }
    let mrr = (85 + 13 / 2.0 + 5 / 3.0) / 114
    expectClose(
      [metrics["cosine_autorag_mrr@3"]?.double ?? .nan], [mrr], relative: 1e-9, absolute: 0)
    let row = outcome.output.split(separator: "\n").filter { $0.hasPrefix("3 ") }
    #expect(
      row.map { $0.split(separator: " ").joined(separator: " ") } == [
        "3 0.4518 0.9035 0.3012 0.8173 0.8173 0.8395",
        "3 0.4518 0.9035 0.3012 0.3494 0.3494 0.4886",
      ])
    #expect(outcome.output.contains("AutoRAG up to 0.2.16"))
    let plain = try CommandLineTool.run("eval", Self.model, data)
    #expect(!plain.output.contains("AutoRAG") && outcome.output.hasPrefix(plain.output.dropLast()))
  }

  private static let model = Fixture.path("tiny-bert", of: "EncodersTests")

  /// A BEIR directory: the only relevant document of query i is the one that the model has at rank
  /// `ranks[i]`.
  private static func directory(ranks: [Int]) throws -> String {
    let directory = try Fixture.temporary("beir")
    try FileManager.default.createDirectory(
      atPath: directory + "/qrels", withIntermediateDirectories: true)
    let queries = ranks.indices.map { "where is number \($0 * 37 % 1009) of the \($0 % 7) rivers" }
    let documents = (0..<40).map { "page \($0) is about \($0 * $0 * 31 % 997) kinds of tea" }
    let (queryVectors, documentVectors) = (try vectors(queries), try vectors(documents))
    var judgements = "query-id\tcorpus-id\tscore\n"
    for (query, vector) in queryVectors.enumerated() {
      let scores = documentVectors.map { zip($0, vector).reduce(0) { $0 + $1.0 * $1.1 } }
      let order = scores.indices.sorted { scores[$0] > scores[$1] }
      judgements += "q\(query)\td\(order[ranks[query] - 1])\t1\n"
    }
    func write(_ texts: [String], _ prefix: String, _ name: String) throws {
      try texts.enumerated().map {
        JSONValue.object(["_id": .string("\(prefix)\($0)"), "text": .string($1)]).text()
      }.joined(separator: "\n").write(
        toFile: directory + "/" + name, atomically: true, encoding: .utf8)
    }
    try write(queries, "q", "queries.jsonl")
    try write(documents, "d", "corpus.jsonl")
    try judgements.write(
      toFile: directory + "/qrels/test.tsv", atomically: true, encoding: .utf8)
    return directory
  }

  private static func vectors(_ texts: [String]) throws -> [[Double]] {
    let outcome = try CommandLineTool.run("encode", model, input: texts.joined(separator: "\n"))
    return try outcome.output.split(separator: "\n").map {
      try JSONValue(parsing: String($0)).numbers
    }
  }
}
