import Checkpoints
import Encoders
import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct RandomModelTests {
  @Test(arguments: ["tiny-bert", "tiny-xlmr", "tiny-bert-xlmrtok"])
  func hasTheParametersOfItsShape(_ name: String) throws {
    let fixture = Fixture.path(name, in: .module)
    let target = try Self.write(fixture, seed: 3)
    let (made, original) = (
      try SentenceEncoder(directory: target), try SentenceEncoder(directory: fixture)
    )
    #expect(made.model.parameters.map(\.name) == original.model.parameters.map(\.name))
    #expect(made.maxSequenceLength == 24 && made.layout.pooling == .cls && !made.layout.normalizes)
    let file = try SafetensorsCollection(contentsOf: target + "/model.safetensors")
    let pooler = ["pooler.dense.weight", "pooler.dense.bias"]
    #expect(Set(file.names) == Set(made.model.parameters.map(\.name) + pooler))
    #expect(!FileManager.default.fileExists(atPath: target + "/.source"))
    let embeddings = made.encode(["one text", "another"])
    #expect(embeddings.elements.allSatisfy { $0.isFinite })
  }

  /// As transformers initialises: normal numbers of `initializer_range`, 0.02, and constants.
  @Test func numbersAreThoseOfANewModel() throws {
    let model = try SentenceEncoder(directory: Self.write("tiny-xlmr", seed: 1)).model
    for parameter in model.parameters {
      let values = parameter.value.elements.map(Double.init)
      if parameter.shape.count == 1 {
        let constant = parameter.name.hasSuffix("LayerNorm.weight") ? 1.0 : 0
        #expect(values.allSatisfy { $0 == constant }, "\(parameter.name)")
      } else if values.count > 4000 {
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let deviation = (values.reduce(0) { $0 + $1 * $1 } / count).squareRoot()
        #expect(abs(mean) < 4 * 0.02 / count.squareRoot(), "\(parameter.name)")
        expectClose([deviation], [0.02], relative: 0.05, absolute: 0, parameter.name)
        #expect((values.max() ?? 0) < 0.12)
      }
    }
    let width = model.configuration.width
    for table in model.parameters.prefix(2) {  // words and positions: the padding token is 1
      let rows = table.value.elements
      #expect(rows[width..<2 * width].allSatisfy { $0 == 0 })
      #expect(rows[..<width].contains { $0 != 0 })
    }
  }

  @Test func seedsDecide() throws {
    let files = try [1, 1, 2].map { seed in
      try Data(
        contentsOf: URL(filePath: Self.write("tiny-bert", seed: seed) + "/model.safetensors"))
    }
    #expect(files[0] == files[1] && files[0] != files[2])
  }

  @Test func whatDoesNotFitIsNamed() throws {
    let fixture = Fixture.path("tiny-bert", in: .module)
    let target = try Fixture.temporary("model")
    let config = try Fixture.temporary("config.json")
    try String(contentsOfFile: fixture + "/config.json", encoding: .utf8)
      .replacing(#/"vocab_size": [0-9]+/#, with: #""vocab_size": 8"#)
      .write(toFile: config, atomically: true, encoding: .utf8)
    func fault(_ configuration: String, _ tokenizer: String, _ target: String) -> String {
      do {
        _ = try RandomModel.write(configuration: configuration, tokenizer: tokenizer, to: target)
        return ""
      } catch { return String(describing: error) }
    }
    #expect(
      fault(config, fixture, target).hasPrefix("\(config): vocab_size: the tokenizer has ids"))
    #expect(fault(fixture, config, target).contains(config))
    #expect(fault(fixture, fixture, fixture).contains("is there already"))
    #expect(!FileManager.default.fileExists(atPath: target))
  }

  private static func write(_ name: String, seed: UInt64) throws -> String {
    let fixture = name.hasPrefix("/") ? name : Fixture.path(name, in: .module)
    let target = try Fixture.temporary("model")
    _ = try RandomModel.write(
      configuration: fixture, tokenizer: fixture, to: target,
      overrides: .init(maxSequenceLength: 24, pooling: .cls, normalizes: false), seed: seed)
    return target
  }
}
