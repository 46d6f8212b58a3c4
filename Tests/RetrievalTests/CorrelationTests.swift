import JSONValues
import Retrieval
import TestSupport
import Testing

/// Coefficients of lists of numbers against scipy's.
@Suite struct CorrelationTests {
  static let cases =
    (try? Fixture.json("pairs.json", in: .module))?["correlations"]?.array ?? []

  @Test func thereAreCases() { #expect(Self.cases.count == 8) }

  @Test(arguments: cases.indices) func equalsScipy(index: Int) throws {
    let fields = try #require(Self.cases[index].array)
    let (left, right) = (fields[0].numbers, fields[1].numbers)
    expectClose(
      [Correlation.pearson(left, right), Correlation.spearman(left, right)],
      [fields[2].double ?? .nan, fields[3].double ?? .nan], relative: 0, absolute: 1e-12)
  }
}
