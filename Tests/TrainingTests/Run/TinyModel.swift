import Encoders
import Foundation
import JSONValues
import Tensors
import TestSupport

/// The tiny BERT of the encoder's tests, without dropout unless it is asked for.
enum TinyModel {
  static let directory = Fixture.path("tiny-bert", of: "EncodersTests")

  static func encoder(
    variant: String = "native", dropout: Double = 0
  ) throws -> SentenceEncoder {
    try SentenceEncoder(
      directory: directory,
      overrides: .init(
        dropout: dropout, pooling: variant == "cls" ? .cls : nil,
        normalizes: variant == "cls" ? false : nil))
  }
}
