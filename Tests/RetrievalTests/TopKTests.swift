import Foundation
import Retrieval
import TestSupport
import Testing

@Suite struct TopKTests {
  /// The evaluator's rankings, however the corpus is cut.
  @Test(arguments: EvaluatorFixture.names, [1, 2, 5, 7, 64, 1000])
  func rankingsAreTheEvaluators(name: String, chunk: Int) throws {
    let fixture = try EvaluatorFixture(name)
    for function in fixture.functions {
      let topK = topK(
        try fixture.scores(function), k: fixture.cutoffs.largest,
        ranks: fixture.task.documentRanks, chunk: chunk)
      let found = (0..<topK.queryCount).map { query in
        topK.hits(of: query).map { Array(fixture.documentIDs[$0.document].utf8) }
      }
      let expected = try fixture.rankings(function).map { $0.map { Array($0.utf8) } }
      #expect(found == expected, "\(function)")
    }
  }

  /// Documents in any order, queries in blocks on several threads: the same as sorting everything.
  @Test(arguments: [1, 2, 3, 10, 50, 80]) func equalsSorting(k: Int) {
    let (queries, documents) = (24, 50)
    var random = SplitMix(seed: 7)
    let ranks = (0..<Int32(documents)).shuffled(using: &random)
    let scores = (0..<queries * documents).map { _ in Float(Int.random(in: -3...3, using: &random))
    }
    let columns = Array(0..<documents).shuffled(using: &random)
    let topK = TopK(queryCount: queries, k: k, documentRanks: ranks)
    DispatchQueue.concurrentPerform(iterations: queries / 3) { block in
      let queries = block * 3..<block * 3 + 3
      for start in stride(from: 0, to: documents, by: 8) {
        let columns = columns[start..<min(start + 8, documents)]
        let block = queries.flatMap { query in columns.map { scores[query * documents + $0] } }
        block.withUnsafeBufferPointer { topK.add($0, queries: queries, documents: columns) }
      }
    }
    for query in 0..<queries {
      let row = scores[query * documents..<(query + 1) * documents]
      let expected = zip(row, 0..<documents)
        .sorted { ($1.0, ranks[$0.1]) < ($0.0, ranks[$1.1]) }
        .prefix(k).map { RetrievalHit(document: $0.1, score: $0.0) }
      #expect(topK.hits(of: query) == expected)
    }
  }

  /// A NaN stands where −∞ does, whenever it comes; zeros of either sign are equal.
  @Test(arguments: [1, 2, 3, 6]) func unusualScores(chunk: Int) {
    let scores: [Float] = [.nan, -.infinity, 0, -0.0, .infinity, .nan]
    let ranks: [Int32] = [5, 4, 3, 2, 1, 0]
    let all = topK([scores], k: 6, ranks: ranks, chunk: chunk).hits(of: 0)
    #expect(all.map(\.document) == [4, 3, 2, 5, 1, 0])
    let lowest = -Float.infinity
    #expect(all.map(\.score) == [.infinity, 0, 0, lowest, lowest, lowest] as [Float])
    let some = topK([scores], k: 2, ranks: ranks, chunk: chunk).hits(of: 0)
    #expect(some.map(\.document) == [4, 3])
    let leading = topK([[.nan, .nan, 1]], k: 2, ranks: [0, 1, 2], chunk: chunk).hits(of: 0)
    #expect(leading.map(\.document) == [2, 0])
  }

  @Test func nothingSeen() {
    #expect(TopK(queryCount: 2, k: 3, documentRanks: []).hits(of: 1).isEmpty)
  }
}
