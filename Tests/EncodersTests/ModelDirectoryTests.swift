import Checkpoints
import Encoders
import Foundation
import JSONValues
import Tensors
import TestSupport
import Testing

/// What is written reads back; what cannot be read is refused by name.
@Suite struct ModelDirectoryTests {
  @Test(arguments: ["native", "legacy", "cls", "float16", "plain"])
  func whatIsWrittenReadsBack(variant: String) throws {
    let encoder = try SentenceEncoder(directory: ModelFixture.tinyBert.directory(variant))
    let target = NSTemporaryDirectory() + "written-" + UUID().uuidString
    try AtomicDirectory.write(to: target) { try encoder.write(to: $0, readme: "# Card\n") }
    try Manifest.verify(target)
    let again = try SentenceEncoder(directory: target)
    let texts = ModelFixture.tinyBert.texts
    #expect(again.encode(texts).elements == encoder.encode(texts).elements)
    #expect(again.maxSequenceLength == encoder.maxSequenceLength)
    let file = try SafetensorsFile(contentsOf: target + "/model.safetensors")
    #expect(file.names.contains("pooler.dense.weight"))
    #expect(file.names.count == 39)
    #expect(file.metadata == ["format": "pt"])
    let modules = try JSONValue(
      parsing: Data(contentsOf: URL(filePath: target + "/modules.json")))
    #expect(modules.array?.first?["type"] == "sentence_transformers.models.Transformer")
  }

  @Test func aCheckpointWithAHeadLosesTheHeadAndThePrefix() throws {
    let directory = try ModelFixture.tinyBert.directory("native") { directory in
      let path = directory + "/model.safetensors"
      let file = try SafetensorsFile(contentsOf: path)
      let entries = file.names.compactMap { file.tensor($0) }.map {
        Safetensors.Entry($0, name: "bert." + $0.name)
      }
      try Safetensors.write(
        entries + [.init(name: "cls.predictions.bias", shape: [2], floats: [1, 2])],
        to: path)
    }
    let encoder = try SentenceEncoder(directory: directory)
    let native = try SentenceEncoder(directory: ModelFixture.tinyBert.directory("native"))
    #expect(encoder.encode(["a"]).elements == native.encode(["a"]).elements)
    let target = NSTemporaryDirectory() + "written-" + UUID().uuidString
    try AtomicDirectory.write(to: target) { try encoder.write(to: $0, readme: "") }
    let file = try SafetensorsFile(contentsOf: target + "/model.safetensors")
    #expect(file.tensor("embeddings.LayerNorm.bias") != nil)
    #expect(!file.names.contains { $0.hasPrefix("bert.") || $0.hasPrefix("cls.") })
  }

  struct Fault: CustomTestStringConvertible, Sendable {
    let file: String
    let from: String
    let to: String
    let message: String
    var testDescription: String { "\(file): \(to)" }
  }

  @Test(arguments: [
    Fault(
      file: "config.json", from: #""model_type": "bert""#, to: #""model_type": "t5""#,
      message: #"model_type: there is no code for "t5"; supported: bert, xlm-roberta"#),
    Fault(
      file: "config.json", from: #""hidden_act": "gelu""#, to: #""hidden_act": "gelu_new""#,
      message: #"hidden_act: "gelu_new" is not supported; supported: "gelu""#),
    Fault(
      file: "config.json", from: #""num_attention_heads": 4"#, to: #""num_attention_heads": 5"#,
      message: "num_attention_heads: 5 heads do not divide hidden_size 32"),
    Fault(
      file: "config.json", from: #""hidden_size": 32"#, to: #""hidden_size": "wide""#,
      message: #"hidden_size: expected an integer of at least 1, found "wide""#),
    Fault(
      file: "config.json", from: #""intermediate_size": 64"#, to: #""intermediate_size": 65"#,
      message: "encoder.layer.0.intermediate.dense.weight: has shape [64, 32], but config.json"),
    Fault(
      file: "config.json", from: #""num_hidden_layers": 2"#, to: #""num_hidden_layers": 3"#,
      message: "there is no tensor encoder.layer.2.attention.self.query.weight"),
    Fault(
      file: "modules.json", from: "modules.pooling.Pooling", to: "modules.dense.Dense",
      message: "[1].type: there is no code for a module"),
    Fault(
      file: "1_Pooling/config.json", from: #""pooling_mode": "mean""#,
      to: #""pooling_mode": "lasttoken""#,
      message: "pooling_mode: lasttoken is not supported; supported: cls, mean"),
    Fault(
      file: "1_Pooling/config.json", from: "{", to: "[", message: "config.json: is not JSON: line"),
    Fault(
      file: "tokenizer_config.json", from: #""model_max_length": 64"#,
      to: #""model_max_length": 2"#, message: "max_seq_length 2 does not fit"),
  ])
  func faultsAreNamed(_ fault: Fault) throws {
    let directory = try ModelFixture.tinyBert.directory("native") { directory in
      let url = URL(filePath: directory + "/" + fault.file)
      let text = try String(contentsOf: url, encoding: .utf8)
      #expect(text.contains(fault.from))
      try text.replacing(fault.from, with: fault.to)
        .write(to: url, atomically: true, encoding: .utf8)
    }
    let error = #expect(throws: (any Error).self) { try SentenceEncoder(directory: directory) }
    let text = String(describing: error as Any)
    #expect(text.contains(fault.message), "\(text)")
    #expect(!text.contains("\n"))
  }

  @Test func aMissingDirectoryIsNamedByItsAbsolutePath() throws {
    let error = #expect(throws: EncoderError.self) {
      try SentenceEncoder(directory: "no/such/model")
    }
    #expect(error?.code == .missing)
    #expect(error?.path == FileManager.default.currentDirectoryPath + "/no/such/model")
  }
}
