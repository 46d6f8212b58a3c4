import JSONValues
import Testing
import Tokenizers

/// The order of marks after BERT's normalizer, against the reference.
struct BertNormalizerTests {
  @Test(arguments: 0..<3)
  func marksAreInTheReferencesOrder(case index: Int) throws {
    let golden = try fixture("bert_normalizer.json")
    let cases = try #require(golden["cases"]?.array)
    let patch = JSONObject([
      (key: "normalizer", value: try #require(cases[index]["normalizer"]))
    ])
    let tokenizer = try tokenizer(try patched(try fixture("wordpiece/tokenizer.json"), patch))
    let texts = try strings(golden["texts"])
    let expected = try strings(cases[index]["normalized"])
    try #require(texts.count == expected.count && cases.count == 3)
    for (text, expected) in zip(texts, expected) {
      let actual = tokenizer.normalize(text)
      #expect(actual.utf8.elementsEqual(expected.utf8), "\(text.unicodeScalars.map(\.value))")
    }
  }
}
