import JSONValues
import Retrieval
import Tensors
import TestSupport
import Testing

/// The metrics of given embeddings against sentence-transformers' own evaluators.
@Suite struct PairReportTests {
  private static let fixture = try? Fixture.json("pairs.json", in: .module)
  static let cases = fixture?["cases"]?.array ?? []

  @Test func thereAreCases() { #expect(Self.cases.count == 18) }

  private func report(_ expected: JSONValue) throws -> any EvaluationReport {
    let arguments = try #require(expected["arguments"])
    let input = try #require(expected["input"]?.integer)
    let columns = try #require(Self.fixture?["inputs"]?.array?[input].array).map { column in
      let rows = try #require(column.array)
      let numbers = column.numbers.map { Float($0) }
      return Tensor(numbers, shape: [rows.count, numbers.count / rows.count])
        .truncated(to: arguments["truncate_dim"]?.integer)
    }
    func function(_ name: String?) -> SimilarityFunction? {
      name.flatMap(SimilarityFunction.init(rawValue:))
    }
    let name = arguments["name"]?.string ?? ""
    let main = function(
      arguments["main_similarity_function"]?.string ?? arguments["main_similarity"]?.string)
    let functions =
      try arguments["similarity_fn_names"]?.array?.compactMap { function($0.string) }
      ?? [#require(main ?? function(expected["similarity"]?.string))]
    if let scores = expected["scores"]?.numbers {
      return EmbeddingSimilarityReport(
        name: name,
        scores: functions.map {
          .init($0, first: columns[0], second: columns[1], scores: scores)
        }, main: main)
    }
    return TripletReport(
      name: name,
      scores: functions.map { function in
        let margin = arguments["margin"]
        return .init(
          function, anchors: columns[0], positives: columns[1], negatives: columns[2],
          margin: margin?.double ?? margin?[function.rawValue]?.double ?? 0)
      }, main: main)
  }

  @Test(arguments: cases.indices) func metricsAreTheEvaluators(index: Int) throws {
    let expected = Self.cases[index]
    let report = try report(expected)
    let metrics = try #require(expected["metrics"]?.array).map { try #require($0.array) }
    #expect(report.values.map(\.key) == metrics.map { $0[0].string })
    expectClose(
      report.values.map(\.value), metrics.map { $0[1].double ?? .nan }, relative: 0, absolute: 1e-9)
    #expect(report.primaryMetric == expected["primary_metric"]?.string)
  }

  /// File and header to the letter, the numbers as far as they can be told apart.
  @Test(arguments: cases.indices) func csvIsTheEvaluators(index: Int) throws {
    let expected = Self.cases[index]
    let report = try report(expected)
    #expect(report.csvFileName == expected["csv_file"]?.string)
    let lines = try #require(expected["csv"]?.string).split(
      separator: report.csvLineEnd, omittingEmptySubsequences: false)
    let found = [report.csvHeader, report.csvRow(), report.csvRow(epoch: 0.5, steps: 10), ""]
    #expect(lines.count == found.count && report.csvHeader == lines[0] && lines[3].isEmpty)
    for (line, wanted) in zip(found, lines).dropFirst() {
      let (fields, others) = (line.split(separator: ","), wanted.split(separator: ","))
      #expect(fields.prefix(2) == others.prefix(2))
      expectClose(
        fields.compactMap { Double($0) }, others.compactMap { Double($0) }, relative: 0,
        absolute: 1e-9)
    }
  }

  @Test func equalPairsAreEquallyAlikeWhicheverWayAround() {
    let rows = Tensor([0.1, 0.7, -0.3, 0.2, 0.9, 0.4, 0.1, 0.7, -0.3], shape: [3, 3])
    let turned = Tensor([0.2, 0.9, 0.4, 0.1, 0.7, -0.3, 0.2, 0.9, 0.4], shape: [3, 3])
    for function in SimilarityFunction.allCases {
      #expect(Set(function.ofRows(rows, turned)).count == 1)
    }
  }
}
