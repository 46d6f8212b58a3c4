import Checkpoints
import Encoders
import JSONValues
import Losses
import Tensors
import TestSupport
import Testing
import Training

/// Loss and every parameter's gradient of one batch, against PyTorch's autograd in double.
@Suite struct GradientParityTests {
  @Test(arguments: ["triplets", "pairs", "xlmr", "bert-xlmrtok"])
  func gradientsEqualThePeers(name: String) throws {
    let expected = try #require(
      Fixture.json("gradients.json", in: .module)["cases"]?[name])
    let encoder = try TinyModel.encoder(
      expected["model"]?.string ?? "", variant: expected["variant"]?.string ?? "")
    let rows = try #require(expected["rows"]?.array)
    let names = ["anchor", "positive", "negative"].filter { rows[0][$0] != nil }
    let columns = names.map { name in encoder.tokenize(rows.compactMap { $0[name]?.string }) }
    let engine = StepEngine(
      encoder: encoder,
      loss: try MultipleNegativesRankingLoss(
        scale: expected["scale"]?.double ?? 0,
        similarity: try #require(Similarity(rawValue: expected["similarity_fct"]?.string ?? ""))),
      memoryLimit: .max)
    let gradients = Gradients()
    let outcome = try engine.run(columns, dropout: nil, into: gradients)
    expectClose(
      [outcome.loss], [expected["loss"]?.double ?? 0], relative: 1e-6, absolute: 0, "loss")
    expectClose(
      [gradients.norm(of: encoder.model.parameters)], [expected["grad_norm"]?.double ?? 0],
      relative: 1e-5, absolute: 0, "norm")

    let file = try SafetensorsFile(
      contentsOf: Fixture.path("gradients-\(name).safetensors", in: .module))
    // A key's bias moves all scores of a query alike: its gradient is 0 but for rounding.
    let zero = try #require(expected["zero_gradients"]?["names"]?.array).compactMap(\.string)
    #expect(file.names.sorted() == encoder.model.parameters.map(\.name).sorted())
    for parameter in encoder.model.parameters {
      let actual = try #require(gradients.full(parameter)).elements
      let wanted = try file.floats(parameter.name)
      let distance = norm(zip(actual, wanted).map { Double($0) - Double($1) })
      if zero.contains(parameter.name) {
        #expect(distance < 1e-6, "\(parameter.name)")
      } else {
        let relative = distance / norm(wanted.map(Double.init))
        // Single precision has its own distance from double, in the peer's computation, too.
        let peers = expected["float32"]?["distance"]?[parameter.name]?.double ?? 0
        #expect(relative < max(1e-5, 2 * peers), "\(parameter.name): the peer's is \(peers)")
        #expect(norm(actual.map(Double.init)) > 0, "\(parameter.name)")
      }
    }
  }

  private func norm(_ values: [Double]) -> Double {
    values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}
