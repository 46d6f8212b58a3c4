import JSONValues
import Retrieval
import Tensors
import TestSupport
import Testing

@Suite struct HardNegativeMiningTests {
  static let fixture: JSONValue = {
    do {
      return try Fixture.json("mining.json", in: .module)
    } catch {
      fatalError("mining.json: \(error)")
    }
  }()

  struct Case: Sendable, CustomTestStringConvertible {
    let value: JSONValue
    let index: Int
    var testDescription: String { "case \(index)" }

    static let all: [Case] = (fixture["cases"]?.array ?? []).enumerated().map {
      Case(value: $1, index: $0)
    }

    func mining() throws -> HardNegativeMining {
      let options = try #require(value["options"])
      var mining = HardNegativeMining()
      mining.seed = UInt64(try #require(value["seed"]?.integer))
      mining.rangeMin = options["range_min"]?.integer ?? mining.rangeMin
      mining.rangeMax = options["range_max"]?.integer
      mining.maxScore = options["max_score"]?.double
      mining.minScore = options["min_score"]?.double
      mining.absoluteMargin = options["absolute_margin"]?.double
      mining.relativeMargin = options["relative_margin"]?.double
      mining.numNegatives = options["num_negatives"]?.integer ?? mining.numNegatives
      mining.samplingStrategy =
        options["sampling_strategy"]?.string.flatMap { .init(rawValue: $0) } ?? .top
      mining.includePositives = options["include_positives"]?.bool ?? false
      let format = try #require(options["output_format"]?.string)
      mining.outputFormat = try #require(MinedNegatives.OutputFormat(rawValue: format))
      return mining
    }
  }

  /// The rows and the printed table of the real function; see make_mining.py.
  @Test(arguments: Case.all) func equalsThePeer(_ reference: Case) throws {
    var shares: [Double] = []
    let mined = try reference.mining().mine(
      queries: Self.matrix("queries"), corpus: Self.matrix("documents"),
      positives: Self.positives
    ) { shares.append($0) }
    #expect(shares.last == 1)
    let expected = try #require(reference.value["rows"]?.array)
    #expect(mined.rows.count == expected.count)
    for (row, expected) in zip(mined.rows, expected) {
      let parts = try #require(expected.array)
      #expect(Double(row.query) == parts[0].double)
      #expect(row.documents.map(Double.init) == parts[1].numbers)
      if !parts[2].isNull { #expect(row.labels.map(Double.init) == parts[2].numbers) }
      expectClose(row.scores, parts[3].numbers, relative: 0, absolute: 5e-7)
    }
    let printed = try #require(reference.value["printed"]?.array).compactMap(\.string)
    #expect(mined.statistics.lines == printed)
  }

  /// More queries and documents than are compared at a time; ties go to the first document.
  @Test func blocksAndTies() throws {
    var random = SplitMix(seed: 4)
    func axes(_ count: Int) -> [Int] {
      (0..<count).map { _ in Int.random(in: 0..<40, using: &random) }
    }
    func rows(_ axes: [Int]) -> Tensor {
      Tensor(axes.flatMap { axis in (0..<40).map { $0 == axis ? 2 : 0 } }, shape: [axes.count, 40])
    }
    let (queries, corpus) = (axes(700), axes(8_500))
    var mining = HardNegativeMining()
    mining.outputFormat = .nTuple
    mining.numNegatives = 5
    let mined = try mining.mine(
      queries: rows(queries), corpus: rows(corpus), positives: (0..<700).map { [$0 * 12] })
    #expect(mined.rows.count == 700)
    for row in mined.rows {
      let alike = corpus.indices.lazy.filter {
        corpus[$0] == queries[row.query] && $0 != row.query * 12
      }
      #expect(row.documents.dropFirst() == Array(alike.prefix(5))[...])
      #expect(row.scores.dropFirst() == [1, 1, 1, 1, 1])
    }
  }

  @Test func faultsAreNamed() throws {
    func message(_ change: (inout HardNegativeMining) -> Void) -> String {
      var mining = HardNegativeMining()
      change(&mining)
      do throws(RetrievalError) {
        _ = try mining.mine(
          queries: Tensor([1, 2], shape: [1, 2]), corpus: Tensor([1, 0, 0, 1], shape: [2, 2]),
          positives: [[1]])
        return "no error"
      } catch {
        return "\(error)"
      }
    }
    #expect(message { $0.numNegatives = 0 } == "num_negatives is 0, expected 1 or more")
    #expect(message { $0.rangeMin = -1 } == "range_min is -1, expected 0 or more")
    #expect(
      message { ($0.rangeMin, $0.rangeMax) = (4, 4) }
        == "range_min is 4, expected less than range_max, which is 4")
    #expect(
      message { ($0.rangeMin, $0.rangeMax) = (2, 4) }
        == "num_negatives is 3, but range_min 2 and range_max 4 leave 2 candidates: lower "
        + "num_negatives or range_min, or raise range_max")
    #expect(message { $0.maxScore = .nan } == "max_score is nan, expected a finite number")
    #expect(throws: RetrievalError.self) {
      try HardNegativeMining().mine(
        queries: Tensor([1, 2], shape: [1, 2]), corpus: Tensor([1, 0, .nan, 1], shape: [2, 2]),
        positives: [[1]])
    }
  }

  private static func matrix(_ name: String) throws -> Tensor {
    let rows = try #require(fixture[name]?.array).map { $0.numbers.map { Float($0) } }
    return Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count])
  }

  private static var positives: [[Int]] {
    (fixture["positives"]?.array ?? []).map { $0.numbers.map { Int($0) } }
  }
}
