import JSONValues
import Losses
import Tensors
import TestSupport
import Testing

/// One case of a fixture: a loss's arguments, its input, and what the peer made of them.
struct LossCase: Sendable, CustomTestStringConvertible {
  let arguments: JSONValue
  let columns: [Tensor]
  let guide: [Tensor]
  /// The labels that the case names; nil if it names none.
  let labels: Tensor?
  let loss: Double
  let gradients: [[Double]]
  /// The largest difference between the peer's gradients in single and in double precision.
  let roundOff: Double
  let testDescription: String

  /// The cases of a fixture; none if it cannot be read, which a test of their number notices.
  static func all(in file: String) -> [LossCase] {
    guard let fixture = try? Fixture.json(file, in: .module) else { return [] }
    return (fixture["cases"]?.array ?? []).compactMap { LossCase($0, inputs: fixture["inputs"]) }
  }

  private init?(_ entry: JSONValue, inputs: JSONValue?) {
    guard let input = entry["input"]?.string, let given = inputs?[input],
      let arguments = entry["arguments"], let loss = entry["loss"]?.double,
      let roundOff = entry["round_off"]?.double
    else { return nil }
    self.arguments = arguments
    self.loss = loss
    self.roundOff = roundOff
    columns = (given["columns"]?.array ?? []).map(Tensor.init(rows:))
    guide = (given["guide"]?.array ?? []).map(Tensor.init(rows:))
    labels = entry["labels"]?.string.flatMap { given[$0] }.map(Tensor.init(rows:))
    gradients = (entry["gradients"]?.array ?? []).map(\.numbers)
    testDescription = [input, entry["labels"]?.string, arguments.text()].compactMap(\.self)
      .joined(separator: ", ")
  }

  func number(_ name: String) -> Double { arguments[name]?.double ?? .nan }

  func flag(_ name: String) throws -> Bool {
    try #require(arguments[name]?.bool as Bool?)
  }

  /// The choice of an argument; nil if it is null or not one of them.
  func choice<Choice: RawRepresentable<String>>(_ name: String) -> Choice? {
    arguments[name]?.string.flatMap(Choice.init(rawValue:))
  }

  /// Expects a loss to give the peer's value and gradients, also as the sum of its parts.
  func expect(_ loss: some EmbeddingLoss, sourceLocation: SourceLocation = #_sourceLocation) {
    expect(
      loss.valueAndGradients(columns, guide: guide, labels: labels), "",
      sourceLocation: sourceLocation)
    let count = columns[0].rowCount
    let parts = [0..<1, 1..<count, count..<count].compactMap { loss.part(of: $0) }
    guard !parts.isEmpty else { return }
    let results = parts.map { $0.valueAndGradients(columns, guide: guide, labels: labels) }
    let gradients = columns.indices.map { column in
      let numbers = results.map { $0.gradients[column].elements }
      return Tensor(
        numbers[0].indices.map { place in numbers.reduce(0) { $0 + $1[place] } },
        shape: columns[column].shape)
    }
    expect(
      LossResult(value: results.reduce(0) { $0 + $1.value }, gradients: gradients), "of parts, ",
      sourceLocation: sourceLocation)
  }

  private func expect(_ result: LossResult, _ whose: String, sourceLocation: SourceLocation) {
    expectClose(
      [result.value], [self.loss], relative: 1e-6, absolute: 1e-7, "\(whose)loss",
      sourceLocation: sourceLocation)
    #expect(result.gradients.count == gradients.count, sourceLocation: sourceLocation)
    let largest = gradients.joined().map(abs).max() ?? 0
    for (column, pair) in zip(result.gradients, gradients).enumerated() {
      expectClose(
        pair.0.elements, pair.1, relative: 1e-5, absolute: max(1e-6 * largest, 3 * roundOff),
        "\(whose)gradient of column \(column)", sourceLocation: sourceLocation)
    }
  }
}

extension Tensor {
  /// A matrix of a fixture.
  init(rows: JSONValue) {
    let count = rows.array?.count ?? 0
    let numbers = rows.numbers.map { Float($0) }
    self.init(numbers, shape: [count, numbers.count / max(1, count)])
  }

  /// Numbers from -1 to 1.
  init(random shape: [Int], seed: UInt64) {
    var generator = SplitMix(seed: seed)
    self.init(
      (0..<shape.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &generator) },
      shape: shape)
  }
}
