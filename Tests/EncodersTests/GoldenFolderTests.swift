import Encoders
import Foundation
import JSONValues
import Tensors
import TestSupport
import Testing

/// Checks against model directories that are too large to keep here.
///
///     KTRAIN_GOLDEN_MODELS=DIR[:DIR…] swift test --filter EncodersTests.GoldenFolderTests
///
/// Each directory holds a model and a `golden.json` with `texts`, `input_ids`, `embeddings` and, of
/// some texts, the last `hidden` states.
struct GoldenFolderTests {
  static let folders =
    ProcessInfo.processInfo.environment["KTRAIN_GOLDEN_MODELS"]?
    .split(separator: ":").map(String.init) ?? []

  @Test(.enabled(if: !folders.isEmpty), arguments: folders)
  func equalsTheGolden(folder: String) throws {
    let golden = try JSONValue(parsing: Data(contentsOf: URL(filePath: folder + "/golden.json")))
    let texts = try #require(golden["texts"]?.array).compactMap(\.string)
    let encoder = try SentenceEncoder(directory: folder)
    let tokenized = encoder.tokenize(texts)
    let ids = try #require(golden["input_ids"]?.array)
    #expect(tokenized.map { $0.ids.map(Double.init) } == ids.map(\.numbers))
    expectClose(
      encoder.encode(texts).elements, try #require(golden["embeddings"]).numbers, relative: 1e-5,
      absolute: 1e-6, "embeddings")
    for hidden in try #require(golden["hidden"]?.array) {
      let index = try #require(hidden["text_index"]?.integer)
      let tokens = TokenBatch([tokenized[index]])
      let result = encoder.model.hiddenStates(tokens, tape: Tape(isRecording: false), dropout: nil)
      expectClose(
        result.value.elements, try #require(hidden["last_hidden_state"]).numbers, relative: 1e-5,
        absolute: 1e-5, "hidden states of text \(index)")
    }
  }
}
