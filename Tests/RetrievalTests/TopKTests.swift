import Foundation
import Retrieval
import Tensors
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

  /// Integers whose products are exact in fp32, and far from it in bf16: the best are those of the exact
  /// ones, ties included, whether or not they are screened.
  @Test(arguments: [1, 7, 100], [300, 8192]) func screensLeaveNothingOut(k: Int, chunk: Int) {
    let (queryCount, count, width) = (40, 900, 24)
    var random = SplitMix(seed: UInt64(k))
    func rows(_ count: Int) -> [[Float]] {
      (0..<count).map { _ in
        (0..<width).map { _ in Float(Int.random(in: -500...500, using: &random)) }
      }
    }
    var (queries, documents) = (rows(queryCount), rows(count))
    for row in stride(from: 5, to: count, by: 9) { documents[row] = documents[row - 5] }
    documents[11] = [Float](repeating: 0, count: width)
    queries[3] = documents[11]
    queries[4] = documents[20]
    let ranks = (0..<Int32(count)).shuffled(using: &random)
    let exact = queries.map { query in
      documents.map { zip(query, $0).reduce(0) { $0 + $1.0 * $1.1 } }
    }
    for isScreened in [true, false] {
      let topK = TopK(queryCount: queryCount, k: k, documentRanks: ranks)
      for first in stride(from: 0, to: count, by: chunk) {
        let part = documents[first..<min(count, first + chunk)]
        topK.add(
          queries: Tensor(queries.flatMap { $0 }, shape: [queryCount, width]),
          documents: Tensor(part.flatMap { $0 }, shape: [part.count, width]), first: first,
          isScreened: isScreened)
      }
      for query in 0..<queryCount {
        let expected = zip(exact[query], 0..<count)
          .sorted { ($1.0, ranks[$0.1]) < ($0.0, ranks[$1.1]) }
          .prefix(k).map { RetrievalHit(document: $0.1, score: $0.0) }
        #expect(topK.hits(of: query) == expected)
      }
    }
  }

  /// Numbers that bf16 cannot hold or tell apart are scored as they are.
  @Test func screensLetUnusualNumbersPass() {
    let documents: [[Float]] = [
      [1e-30, 2e-30], [3e38, 0], [.nan, 1], [1, 1], [-1, 1e-38], [.infinity, 0], [0, 0],
      [1, 1.001],
    ]
    let queries: [[Float]] = [[1, 1], [1e-20, 1], [.nan, 0], [0, 1e-38]]
    let found = [true, false].map { isScreened in
      let topK = TopK(queryCount: 4, k: 3, documentRanks: (0..<8).map { $0 })
      topK.add(
        queries: Tensor(queries.flatMap { $0 }, shape: [4, 2]),
        documents: Tensor(documents.flatMap { $0 }, shape: [8, 2]), first: 0,
        isScreened: isScreened)
      return (0..<4).map { topK.hits(of: $0).map(\.document) }
    }
    #expect(found[0] == found[1])
    #expect(found[0][0] == [5, 1, 7])
  }

  @Test func nothingSeen() {
    #expect(TopK(queryCount: 2, k: 3, documentRanks: []).hits(of: 1).isEmpty)
  }
}
