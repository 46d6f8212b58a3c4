import Encoders
import Foundation
import JSONValues
import Tensors
import TestSupport
import Testing
import Tokenizers

/// Ids, hidden states and embeddings against sentence-transformers, for every layout.
@Suite struct BertModelTests {
  static let layouts: [(ModelFixture, String)] =
    ["native", "legacy", "cls", "float16", "plain"].map { (.tinyBert, $0) }
    + ["native", "legacy", "plain"].flatMap { [(.tinyXLMR, $0), (.tinyBertXLMRTokenizer, $0)] }
  static let models: [ModelFixture] = [.tinyBert, .tinyXLMR, .tinyBertXLMRTokenizer]

  @Test(arguments: layouts)
  func embeddingsEqualThePeers(model: ModelFixture, variant: String) throws {
    let encoder = try SentenceEncoder(directory: model.directory(variant))
    let expected = try #require(model.golden["variants"]?[variant]?["embeddings"]?.array)
    #expect(encoder.maxSequenceLength == 64)
    let embeddings = encoder.encode(model.texts)
    #expect(embeddings.shape == [expected.count, 32])
    expectClose(
      embeddings.elements, expected.flatMap(\.numbers), relative: 1e-5, absolute: 1e-6, variant)
  }

  @Test(arguments: models)
  func idsEqualThePeers(model: ModelFixture) throws {
    let encoder = try SentenceEncoder(directory: model.directory("native"))
    let ids = encoder.tokenize(model.texts).map(\.ids)
    let expected = try #require(model.golden["input_ids"]?.array)
    for (index, pair) in zip(ids, expected).enumerated() {
      #expect(pair.0.map(Double.init) == pair.1.numbers, "text \(index)")
    }
    #expect(ids.count == expected.count)
  }

  @Test(arguments: models)
  func hiddenStatesEqualThePeers(model: ModelFixture) throws {
    let encoder = try SentenceEncoder(directory: model.directory("native"))
    for (name, states) in try #require(model.golden["hidden"]?.object).members {
      let index = try #require(Int(name))
      let tokens = TokenBatch(encoder.tokenize([model.texts[index]]))
      let result = encoder.model.hiddenStates(
        tokens, tape: Tape(isRecording: false), dropout: nil)
      expectClose(
        result.value.elements, states.numbers, relative: 1e-5, absolute: 5e-6, "text \(name)")
    }
  }

  /// No padding, no cross-talk: a text has the same embedding alone and among others.
  @Test func anEmbeddingDoesNotDependOnItsNeighbours() throws {
    let encoder = try SentenceEncoder(directory: ModelFixture.tinyBert.directory("native"))
    let together = encoder.encode(ModelFixture.tinyBert.texts)
    let few = encoder.encode(ModelFixture.tinyBert.texts, tokensPerBatch: 20)
    for (index, text) in ModelFixture.tinyBert.texts.enumerated() {
      let alone = encoder.encode([text]).elements.map(Double.init)
      expectClose(
        together.rows(index..<index + 1).elements, alone, relative: 0, absolute: 1e-6, text)
      expectClose(few.rows(index..<index + 1).elements, alone, relative: 0, absolute: 1e-6, text)
    }
  }

  @Test func overridesWin() throws {
    let directory = try ModelFixture.tinyBert.directory("native")
    let encoder = try SentenceEncoder(
      directory: directory,
      overrides: .init(maxSequenceLength: 8, pooling: .cls, normalizes: false))
    #expect(encoder.tokenize(ModelFixture.tinyBert.texts).allSatisfy { $0.ids.count <= 8 })
    let cls = try SentenceEncoder(directory: ModelFixture.tinyBert.directory("cls"))
    let text = ["a parser"]
    #expect(encoder.encode(text).elements == cls.encode(text).elements)
  }

  @Test func everyTrainableParameterHasAGradient() throws {
    let encoder = try SentenceEncoder(directory: ModelFixture.tinyBert.directory("native"))
    let tape = Tape(isRecording: true)
    let batch = TokenBatch(encoder.tokenize(ModelFixture.tinyBert.texts))
    let result = encoder.embeddings(
      batch, tape: tape, dropout: DropoutKey(seed: 1, step: 2))
    let gradients = Gradients()
    tape.backward(
      from: result,
      gradient: Tensor(
        (0..<result.value.count).map { Float($0 % 7) - 3 }, shape: result.value.shape),
      into: gradients)
    #expect(encoder.model.parameters.count == 37)
    for parameter in encoder.model.parameters {
      let norm = gradients.norm(of: [parameter])
      #expect(norm > 0, "\(parameter.name)")
    }
  }

  /// A prompt that pooling leaves out changes the hidden states but has no part in the mean.
  @Test func aPromptCanBeLeftOutOfPooling() throws {
    let directory = try ModelFixture.tinyBert.directory("native") { directory in
      try Data(#"{"embedding_dimension": 32, "pooling_mode": "cls", "include_prompt": false}"#.utf8)
        .write(to: URL(filePath: directory + "/1_Pooling/config.json"))
    }
    let encoder = try SentenceEncoder(directory: directory)
    let text = encoder.tokenize(["parser"], prompt: "query: ")[0]
    #expect(text.promptLength == encoder.tokenizer.encode("query: ", maxLength: nil).count - 1)
    let states = encoder.model.hiddenStates(
      TokenBatch([text]), tape: Tape(isRecording: false), dropout: nil)
    let expected = Tape(isRecording: false).normalize(
      Variable(constant: states.value.rows(text.promptLength..<text.promptLength + 1)))
    #expect(
      encoder.encode(["parser"], prompt: "query: ").elements == expected.value.elements)
  }
}
