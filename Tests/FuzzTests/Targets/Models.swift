import Checkpoints
import Encoders
import Foundation
import TestSupport
import Tokenizers

extension FuzzTarget {
  static let models = [
    model("config.json"), model("modules.json"), model("1_Pooling/config.json"),
    model("sentence_bert_config.json"), model("config_sentence_transformers.json"),
  ]

  /// One file of a model directory whose other files are good.
  private static func model(_ file: String) -> FuzzTarget {
    FuzzTarget(
      name: "model-" + file.replacing("/", with: "-").replacing(".json", with: ""), file: file,
      more: {
        try ["tiny-bert", "tiny-bert-legacy", "tiny-xlmr"].map {
          try fixture($0 + "/" + file, of: "EncodersTests")
        }
      },
      prepare: { directory in
        let manager = FileManager.default
        try manager.removeItem(atPath: directory)
        try manager.copyItem(
          atPath: Fixture.path("tiny-bert", of: "EncodersTests"), toPath: directory)
      },
      parse: { path in
        let encoder = try SentenceEncoder(directory: String(path.dropLast(file.count + 1)))
        blackHole(encoder.dimension)
      }, faults: [EncoderError.self, CheckpointError.self, TokenizerError.self])
  }
}
