import Encoders
import Tensors

/// Embeddings of a model directory, for tests that read one back.
enum SentenceEncoderProbe {
  static func encode(_ directory: String, _ texts: [String]) throws -> [Float] {
    try SentenceEncoder(directory: directory).encode(texts).elements
  }
}
