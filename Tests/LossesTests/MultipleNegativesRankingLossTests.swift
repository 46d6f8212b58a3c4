import Foundation
import JSONValues
import Losses
import Tensors
import TestSupport
import Testing

/// Value and gradient against sentence-transformers' own loss, run in double.
@Suite struct MultipleNegativesRankingLossTests {
  static let cases: [JSONValue] =
    (try? Fixture.json("ranking.json", in: .module))?["cases"]?.array ?? []

  @Test func thereAreCases() { #expect(Self.cases.count == 14) }

  @Test(arguments: cases.indices)
  func equalsThePeer(index: Int) throws {
    let expected = Self.cases[index]
    let columns = try #require(expected["columns"]?.array).map(Tensor.init(rows:))
    let loss = try MultipleNegativesRankingLoss(
      scale: try #require(expected["scale"]?.double),
      similarity: try #require(Similarity(rawValue: expected["similarity_fct"]?.string ?? "")))
    let result = loss.valueAndGradients(columns, guide: [])
    let name = expected["name"]?.string ?? ""
    expectClose(
      [result.value], [try #require(expected["loss"]?.double)], relative: 2e-6, absolute: 1e-6,
      "\(name): loss")
    let gradients = try #require(expected["gradients"]?.array)
    #expect(result.gradients.count == gradients.count)
    let largest = gradients.flatMap(\.numbers).map(abs).max() ?? 0
    // Rows that nearly coincide lose digits in single precision, in the peer's as in ours.
    let peers = try #require(expected["float32"]?["gradients"]?.array).flatMap(\.numbers)
    let roundOff = zip(peers, gradients.flatMap(\.numbers)).map { abs($0 - $1) }.max() ?? 0
    for (column, pair) in zip(result.gradients, gradients).enumerated() {
      expectClose(
        pair.0.elements, pair.1.numbers, relative: 1e-5,
        absolute: max(2e-6 * max(largest, 1e-3), 3 * roundOff),
        "\(name): gradient of column \(column)")
    }
  }

  /// More rows than a block of anchors has, against the loss and gradient of the plain formula.
  @Test func blocksOfAnchorsDoNotShow() throws {
    let (rows, width) = (700, 3)
    let numbers = (0..<2 * rows * width).map { Float(($0 * 7919) % 1013) / 1013 - 0.5 }
    let half = rows * width
    let result = try MultipleNegativesRankingLoss(scale: 3, similarity: .dot).valueAndGradients(
      [
        Tensor(numbers[..<half], shape: [rows, width]),
        Tensor(numbers[half...], shape: [rows, width]),
      ], guide: [])
    let (a, c) = (numbers[..<half].map(Double.init), numbers[half...].map(Double.init))
    var value = 0.0
    var gradients = [[Double](repeating: 0, count: half), [Double](repeating: 0, count: half)]
    for i in 0..<rows {
      let scores = (0..<rows).map { j in
        3 * (0..<width).reduce(0.0) { $0 + a[i * width + $1] * c[j * width + $1] }
      }
      let sum = scores.reduce(0) { $0 + exp($1) }
      value += (log(sum) - scores[i]) / Double(rows)
      for j in 0..<rows {
        let factor = 3 * (exp(scores[j]) / sum - (i == j ? 1 : 0)) / Double(rows)
        for k in 0..<width {
          gradients[0][i * width + k] += factor * c[j * width + k]
          gradients[1][j * width + k] += factor * a[i * width + k]
        }
      }
    }
    expectClose([result.value], [value], relative: 1e-6, absolute: 0)
    for column in 0..<2 {
      expectClose(
        result.gradients[column].elements, gradients[column], relative: 1e-4, absolute: 1e-7)
    }
  }
}

/// The other arguments: value and gradient against the peer's two classes, and what is refused.
@Suite struct MultipleNegativesRankingOptionTests {
  static let cases = LossCase.all(in: "ranking_options.json")

  @Test func thereAreCases() { #expect(Self.cases.count == 38) }

  @Test(arguments: cases)
  func equalsThePeer(expected: LossCase) throws {
    expected.expect(try Self.loss(expected.arguments))
  }

  @Test func refusesWhatThePeerRefuses() throws {
    let refused = try #require(
      Fixture.json("ranking_options.json", in: .module)["refused"]?.array)
    let expected = [
      "scale: 0.0 is not possible: give a finite number above 0",
      "scale: -1.0 is not possible: give a finite number above 0",
      "directions: () lacks query_to_doc, which has the positive: add it",
      "directions: (doc_to_query) lacks query_to_doc, which has the positive: add it",
      "directions: (doc_to_doc, query_to_query) lacks query_to_doc, which has the positive: add it",
      "partition_mode: per_direction does not go with the direction query_to_query, whose "
        + "candidates lack the positive: use joint or leave the direction out",
      "partition_mode: per_direction does not go with the direction doc_to_doc, whose "
        + "candidates lack the positive: use joint or leave the direction out",
      "hardness_strength: -0.5 is not possible: give a finite number, at least 0",
      "hardness_strength: -0.5 is not possible: give a finite number, at least 0",
    ]
    #expect(refused.count == expected.count)
    for (entry, message) in zip(refused, expected) {
      let arguments = try #require(entry["arguments"])
      let error = #expect(throws: LossError.self) { try Self.loss(arguments) }
      #expect(error?.description == message)
      #expect(error?.code == (error?.argument == "partition_mode" ? .combination : .value))
    }
  }

  private static func loss(_ arguments: JSONValue) throws -> MultipleNegativesRankingLoss {
    let names = (arguments["directions"]?.array ?? []).compactMap(\.string)
    let directions = try names.map {
      try #require(MultipleNegativesRankingLoss.Direction(rawValue: $0))
    }
    let mode = try arguments["hardness_mode"]?.string.map {
      try #require(MultipleNegativesRankingLoss.HardnessMode(rawValue: $0))
    }
    return try MultipleNegativesRankingLoss(
      scale: arguments["scale"]?.double ?? .nan,
      similarity: try #require(Similarity(rawValue: arguments["similarity_fct"]?.string ?? "")),
      directions: Set(directions),
      partitionMode: try #require(.init(rawValue: arguments["partition_mode"]?.string ?? "")),
      hardnessMode: mode, hardnessStrength: arguments["hardness_strength"]?.double ?? .nan)
  }
}
