import Foundation
import JSONValues
import Retrieval
import TestSupport
import Testing

/// What sentence-transformers' evaluator was given and what it made of it; see make_retrieval.py.
struct EvaluatorFixture {
  static let names = [
    "few_documents", "boundary_ties", "one_chunk", "small_chunks", "ids", "tiny", "many_queries",
  ]

  let json: JSONValue
  let task: RetrievalTask
  let cutoffs: InformationRetrievalCutoffs
  let queryIDs: [String]
  let documentIDs: [String]
  let functions: [String]
  let chunk: Int

  init(_ name: String) throws {
    json = try Fixture.json("\(name).json", in: .module)
    queryIDs = try Self.strings(json["query_ids"])
    documentIDs = try Self.strings(json["corpus_ids"])
    functions = try Self.strings(json["functions"])
    chunk = try #require(json["chunk"]?.integer)
    task = try RetrievalTask(
      queryIDs: queryIDs, documentIDs: documentIDs,
      relevant: try #require(json["relevant"]?.array).map { pair in
        let pair = try #require(pair.array)
        return (query: try #require(pair[0].string), documents: try Self.strings(pair[1]))
      })
    let lists = json["cutoffs"]
    func list(_ key: String, _ standard: [Int]) -> [Int] {
      lists?[key]?.array?.compactMap(\.integer) ?? standard
    }
    let standard = InformationRetrievalCutoffs.standard
    cutoffs = try InformationRetrievalCutoffs(
      accuracy: list("accuracy_at_k", standard.accuracy),
      precisionRecall: list("precision_recall_at_k", standard.precisionRecall),
      mrr: list("mrr_at_k", standard.mrr), ndcg: list("ndcg_at_k", standard.ndcg),
      map: list("map_at_k", standard.map))
  }

  /// The scores of the task's queries for all documents, `[queries, documents]`, which are exact.
  func scores(_ function: String) throws -> [[Float]] {
    func vectors(_ key: String) throws -> [[Float]] {
      try #require(json[key]?.array).map { row in
        let vector = try #require(row.array).compactMap(\.integer).map { Float($0) }
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return function == "cosine" ? vector.map { $0 / length } : vector
      }
    }
    let (queries, documents) = (try vectors("queries"), try vectors("corpus"))
    return task.queries.map { query in
      documents.map { document in zip(queries[query], document).reduce(0) { $0 + $1.0 * $1.1 } }
    }
  }

  /// What the evaluator retrieved for each of the task's queries.
  func rankings(_ function: String) throws -> [[String]] {
    try #require(json["rankings"]?[function]?.array).map(Self.strings)
  }

  private static func strings(_ value: JSONValue?) throws -> [String] {
    try #require(value?.array).map { try #require($0.string) }
  }
}

/// Gathers the best documents from blocks of so many of them.
func topK(
  _ scores: [[Float]], k: Int, ranks: [Int32], chunk: Int
) -> TopK {
  let topK = TopK(queryCount: scores.count, k: k, documentRanks: ranks)
  for start in stride(from: 0, to: ranks.count, by: chunk) {
    let documents = start..<min(start + chunk, ranks.count)
    scores.flatMap { $0[documents] }.withUnsafeBufferPointer {
      topK.add($0, queries: 0..<scores.count, documents: documents)
    }
  }
  return topK
}
