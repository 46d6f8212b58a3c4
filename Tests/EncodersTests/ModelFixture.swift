import Encoders
import Foundation
import JSONValues
import TestSupport
import Testing

/// A model that a script beside it made, and what sentence-transformers says of it.
struct ModelFixture: CustomTestStringConvertible, Sendable {
  /// BertModel with a WordPiece tokenizer.
  static let tinyBert = ModelFixture("tiny-bert")
  /// XLMRobertaModel, CLS pooling.
  static let tinyXLMR = ModelFixture("tiny-xlmr")
  /// BertModel with XLM-RoBERTa's tokenizer.
  static let tinyBertXLMRTokenizer = ModelFixture("tiny-bert-xlmrtok")

  let name: String
  let golden: JSONValue
  let texts: [String]
  var testDescription: String { name }

  private init(_ name: String) {
    self.name = name
    golden = (try? Fixture.json(name + ".golden.json", in: .module)) ?? nil
    texts = golden["texts"]?.array?.compactMap(\.string) ?? []
  }

  /// Puts together one of the layouts: the native one with some files replaced or removed.
  ///
  /// - Parameters:
  ///   - variant: A key of `variants`.
  ///   - change: What to do to the directory before it is read.
  /// - Returns: A fresh directory.
  /// - Throws: What copying throws.
  func directory(
    _ variant: String, change: (String) throws -> Void = { _ in }
  ) throws -> String {
    let manager = FileManager.default
    let target = NSTemporaryDirectory() + name + "-" + UUID().uuidString
    try manager.copyItem(atPath: Fixture.path(name, in: .module), toPath: target)
    let facts = golden["variants"]?[variant]
    for name in facts?["remove"]?.array?.compactMap(\.string) ?? [] {
      try manager.removeItem(atPath: target + "/" + name)
    }
    if let folder = facts?["folder"]?.string {
      let source = Fixture.path(folder, in: .module)
      for case let name as String in manager.enumerator(atPath: source) ?? .init() {
        var isDirectory: ObjCBool = false
        _ = manager.fileExists(atPath: source + "/" + name, isDirectory: &isDirectory)
        if isDirectory.boolValue { continue }
        let path = target + "/" + name
        try manager.createDirectory(
          atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        if manager.fileExists(atPath: path) { try manager.removeItem(atPath: path) }
        try manager.copyItem(atPath: source + "/" + name, toPath: path)
      }
    }
    try change(target)
    return target
  }
}
