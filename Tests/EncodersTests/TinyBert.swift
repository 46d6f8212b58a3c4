import Encoders
import Foundation
import JSONValues
import TestSupport

/// The tiny BERT that `make_tiny_bert.py` made, and what sentence-transformers says of it.
enum TinyBert {
  static let golden: JSONValue = (try? Fixture.json("golden.json", in: .module)) ?? nil
  static let texts: [String] = golden["texts"]?.array?.compactMap(\.string) ?? []

  /// Puts together one of the layouts: the native one with some files replaced or removed.
  ///
  /// - Parameters:
  ///   - variant: A key of `variants`.
  ///   - change: What to do to the directory before it is read.
  /// - Returns: A fresh directory.
  /// - Throws: What copying throws.
  static func directory(
    _ variant: String, change: (String) throws -> Void = { _ in }
  ) throws -> String {
    let manager = FileManager.default
    let target = NSTemporaryDirectory() + "tiny-bert-" + UUID().uuidString
    try manager.copyItem(atPath: Fixture.path("tiny-bert", in: .module), toPath: target)
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
