import Encoders
import Foundation
import JSONValues
import Tensors
import TestSupport

/// The tiny models of the encoder's tests, without dropout unless it is asked for.
enum TinyModel {
  static let directory = directory("tiny-bert")

  static func directory(_ name: String) -> String { Fixture.path(name, of: "EncodersTests") }

  static func encoder(
    _ name: String = "tiny-bert", variant: String = "native", dropout: Double = 0
  ) throws -> SentenceEncoder {
    try SentenceEncoder(
      directory: directory(name),
      overrides: .init(
        dropout: dropout, pooling: variant == "cls" ? .cls : nil,
        normalizes: variant == "cls" ? false : nil))
  }
}
