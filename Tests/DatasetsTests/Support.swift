import Datasets
import Foundation
import JSONValues
import Testing

/// The path of a file in `Fixtures`.
func fixture(_ name: String) -> String {
  Bundle.module.bundleURL.appendingPathComponent("Fixtures/" + name).path
}

/// What Python made of the fixtures; `make_datasets.py` says how.
let expected: JSONValue = {
  guard let data = FileManager.default.contents(atPath: fixture("expected.json")) else {
    fatalError("the fixture expected.json is missing")
  }
  do { return try JSONValue(parsing: data) } catch { fatalError("expected.json: \(error)") }
}()

/// A folder of files that is removed with the value.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "/DatasetsTests-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    // A folder that stays behind harms no test.
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Writes a file and returns its path.
  @discardableResult
  func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    let file = path + "/" + name
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  /// Writes a file of text and returns its path.
  @discardableResult
  func write(_ name: String, _ text: String) throws -> String { try write(name, text.utf8) }
}

/// Expects an error of the given code, whose one-line description has all of the given parts.
func expectError(
  _ code: DatasetError.Code, line: Int? = nil, column: String? = nil, saying parts: [String],
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
  let error = #expect(throws: DatasetError.self, sourceLocation: sourceLocation) { try body() }
  guard let error else { return }
  #expect(error.code == code, sourceLocation: sourceLocation)
  #expect(error.line == line, sourceLocation: sourceLocation)
  if let column { #expect(error.column == column, sourceLocation: sourceLocation) }
  #expect(!error.description.contains("\n"), sourceLocation: sourceLocation)
  for part in parts {
    #expect(error.description.contains(part), sourceLocation: sourceLocation)
  }
}

/// Whether two lists of texts have the same bytes; `==` would let spellings of accents pass.
func haveEqualBytes(_ one: some Collection<String>, _ other: some Collection<String>) -> Bool {
  one.map { Array($0.utf8) } == other.map { Array($0.utf8) }
}
