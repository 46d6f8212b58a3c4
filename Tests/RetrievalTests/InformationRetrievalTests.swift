import JSONValues
import Retrieval
import Testing

@Suite struct InformationRetrievalTests {
  private func report(_ fixture: EvaluatorFixture) throws -> InformationRetrievalReport {
    let scores = try fixture.functions.map { function in
      let topK = topK(
        try fixture.scores(function), k: fixture.cutoffs.largest,
        ranks: fixture.task.documentRanks, chunk: fixture.chunk)
      return InformationRetrievalReport.Score(
        name: function,
        metrics: InformationRetrievalMetrics(topK, of: fixture.task, at: fixture.cutoffs))
    }
    return InformationRetrievalReport(
      name: try #require(fixture.json["name"]?.string), scores: scores,
      mainScore: fixture.json["main"]?.string)
  }

  @Test(arguments: EvaluatorFixture.names) func metricsAreTheEvaluators(name: String) throws {
    let fixture = try EvaluatorFixture(name)
    let report = try report(fixture)
    let expected = try #require(fixture.json["metrics"]?.array).map { try #require($0.array) }
    #expect(report.values.map(\.key) == expected.map { $0[0].string })
    for (found, pair) in zip(report.values, expected) {
      let value = try #require(pair[1].double)
      #expect(abs(found.value - value) <= 1e-9, "\(found.key): \(found.value), expected \(value)")
    }
    #expect(report.primaryMetric == fixture.json["primary_metric"]?.string)
  }

  /// Every digit, so that a file begun by the one program can be continued by the other.
  @Test(arguments: EvaluatorFixture.names) func csvIsTheEvaluators(name: String) throws {
    let fixture = try EvaluatorFixture(name)
    let report = try report(fixture)
    let lines = [report.csvHeader, report.csvRow(), report.csvRow(epoch: 0.5, steps: 10), ""]
    #expect(lines.joined(separator: "\n") == fixture.json["csv"]?.string)
    #expect(report.csvFileName == fixture.json["csv_file"]?.string)
  }

  @Test(arguments: EvaluatorFixture.names) func queriesAreTheEvaluators(name: String) throws {
    let fixture = try EvaluatorFixture(name)
    #expect(
      fixture.task.queries.map { fixture.queryIDs[$0] }
        == fixture.json["evaluated"]?.array?.compactMap(\.string))
  }

  /// Of equal values the first score function by name; a named one whatever its value.
  @Test func primaryMetric() throws {
    let cutoffs = try InformationRetrievalCutoffs(ndcg: [5, 1])
    func score(_ name: String, _ isRelevant: [Bool]) -> InformationRetrievalReport.Score {
      let ranking = JudgedRanking(isRelevant: isRelevant, relevantCount: 1)
      return .init(name: name, metrics: InformationRetrievalMetrics(of: [ranking], at: cutoffs))
    }
    let (first, second) = ([true, false], [false, true])
    func primary(
      _ scores: [InformationRetrievalReport.Score], main: String? = nil
    ) -> String {
      InformationRetrievalReport(name: "n", scores: scores, mainScore: main).primaryMetric
    }
    #expect(primary([score("dot", first), score("cosine", first)]) == "n_cosine_ndcg@5")
    #expect(primary([score("dot", first), score("cosine", second)]) == "n_dot_ndcg@5")
    #expect(
      primary([score("dot", first), score("cosine", second)], main: "cosine") == "n_cosine_ndcg@5")
    // At 1 the dot product is better, at 5, which counts, it is not.
    let three = [("dot", [true, false, false]), ("cosine", [false, true, true])].map {
      InformationRetrievalReport.Score(
        name: $0,
        metrics: .init(of: [JudgedRanking(isRelevant: $1, relevantCount: 3)], at: cutoffs))
    }
    #expect(primary(three) == "n_cosine_ndcg@5")
  }

  @Test(arguments: [[], [0], [-1], [3, 1, 3]]) func badCutoffs(list: [Int]) {
    let cutoffs: [(String, () throws -> InformationRetrievalCutoffs)] = [
      ("accuracy_at_k", { try .init(accuracy: list) }),
      ("precision_recall_at_k", { try .init(precisionRecall: list) }),
      ("mrr_at_k", { try .init(mrr: list) }), ("ndcg_at_k", { try .init(ndcg: list) }),
      ("map_at_k", { try .init(map: list) }),
    ]
    for (name, make) in cutoffs {
      let error = #expect(throws: RetrievalError.self) { try make() }
      #expect(error?.code == .cutoff && error?.message.hasPrefix("\(name) is \(list)") == true)
    }
  }
}

@Suite struct RetrievalTaskTests {
  @Test func resolvesIDs() throws {
    let task = try RetrievalTask(
      queryIDs: ["b", "a", "c", "d"], documentIDs: ["10", "2", "1"],
      relevant: [
        ("d", ["1"]), ("a", ["2", "none", "2"]), ("c", []), ("none", ["1"]), ("d", ["10", "1"]),
      ])
    #expect(task.queries == [1, 3])
    #expect(
      task.judgments == [.init(documents: [1], count: 2), .init(documents: [0, 2], count: 2)])
    #expect(task.documentRanks == [1, 2, 0])
  }

  /// Ids are bytes: two spellings of one letter are two documents.
  @Test func comparesBytes() throws {
    let task = try RetrievalTask(
      queryIDs: ["\u{E9}", "e\u{301}"], documentIDs: ["e\u{301}", "\u{E9}"],
      relevant: [("\u{E9}", ["\u{E9}", "e\u{301}"]), ("e\u{301}", ["\u{E9}"])])
    #expect(
      task.judgments == [.init(documents: [0, 1], count: 2), .init(documents: [1], count: 1)])
    #expect(task.documentRanks == [0, 1])
  }

  @Test func refusesDuplicateIDs() {
    let queries = #expect(throws: RetrievalError.self) {
      try RetrievalTask(queryIDs: ["a", "b", "a"], documentIDs: [], relevant: [])
    }
    #expect(queries?.description == "queries 1 and 3 have the same id, \"a\"")
    let documents = #expect(throws: RetrievalError.self) {
      try RetrievalTask(queryIDs: ["a"], documentIDs: ["x\n", "x\n"], relevant: [("a", ["b"])])
    }
    #expect(documents?.code == .duplicateID)
    #expect(documents?.description == "documents 1 and 2 have the same id, \"x\\n\"")
  }

  @Test func refusesATaskWithoutJudgments() {
    let error = #expect(throws: RetrievalError.self) {
      try RetrievalTask(queryIDs: ["a"], documentIDs: ["x"], relevant: [("b", ["x"]), ("a", [])])
    }
    #expect(error?.code == .noRelevantDocuments && error?.message.contains("1 queries") == true)
  }
}
