import Encoders
import Foundation
import JSONValues
import Losses
import Sampling
import Tensors
import TestSupport
import Testing
import Training

/// Every loss with its options through a whole run's data path: value and all parameters' gradients.
@Suite struct LossGradientTests {
  static let fixture: JSONValue = (try? Fixture.json("loss_gradients.json", in: .module)) ?? nil
  static let cases = fixture["cases"]?.array ?? []

  @Test func thereAreCases() { #expect(Self.cases.count == 66) }

  @Test(arguments: cases.indices)
  func valueAndGradientsAreThePeers(index: Int) throws {
    let expected = Self.cases[index]
    let columns = try #require(expected["columns"]?.array)
    let data = try Fixture.temporary("rows.jsonl")
    let rows = try #require(Self.fixture["rows"]?.array)
    try rows.map { $0.text() }.joined(separator: "\n")
      .write(toFile: data, atomically: true, encoding: .utf8)
    var loss = try #require(expected["loss"]?.object)
    if let guide = loss["guide"]?.string { loss["guide"] = .string(TinyModel.directory(guide)) }
    let model = TinyModel.directory(try #require(expected["model"]?.string))
    let run = try TrainingRun(
      Recipe([
        "model": ["path": .string(model), "dropout": 0],
        "train_dataset": ["path": .string(data), "columns": .array(columns)],
        "loss": .object(loss),
        "args": [
          "output_dir": .string(data + ".run"), "per_device_train_batch_size": .integer(rows.count),
        ], "runtime": ["store": .string(data + ".store")],
      ]))
    try run.prepare()
    let gradients = Gradients()
    let outcome = try run.addGradients(
      of: DatasetBatch(dataset: 0, rows: Array(0..<Int32(rows.count))), dropout: nil, to: gradients)
    expectClose(
      [outcome.loss], [expected["value"]?.double ?? .nan], relative: 1e-5, absolute: 0, "loss")
    for (name, numbers) in try #require(expected["gradients"]?.object).members {
      let parameter = try #require(run.encoder.model.parameters.first { $0.name == name })
      let elements = try #require(gradients.full(parameter)).elements.map(Double.init)
      let norm = elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let projection = elements.enumerated().reduce(0.0) { sum, element in
        let weight = Double(element.offset * 2_654_435_761 % (1 << 32)) / Double(1 << 31) - 1
        return sum + element.element * weight
      }
      expectClose(
        [norm, projection], numbers.numbers, relative: 1e-4, absolute: 1e-4 * numbers.numbers[0],
        name)
    }
  }
}
