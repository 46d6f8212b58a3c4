import Checkpoints
import Foundation
import JSONValues
import TestSupport

/// The path of a file beside this target's tests.
func fixture(_ name: String) -> String {
  Fixture.path(name, in: .module)
}

/// A fixture's JSON.
func fixtureJSON(_ name: String) throws -> JSONValue {
  try Fixture.json(name, in: .module)
}

/// One member of a safetensors header.
func entry(_ name: String, _ dtype: String, _ shape: [Int], _ begin: Int, _ end: Int) -> String {
  let shape = shape.map(String.init).joined(separator: ",")
  return
    "\"\(name)\":{\"dtype\":\"\(dtype)\",\"shape\":[\(shape)],\"data_offsets\":[\(begin),\(end)]}"
}

/// Writes a safetensors file whose header is one object of these members.
func write(header: String, data: [UInt8], to path: String) throws {
  try write(text: "{\(header)}", data: data, to: path)
}

/// Writes a safetensors file whose header is this text, whatever it says.
func write(text: String, data: [UInt8], to path: String) throws {
  var bytes = Data()
  withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
  bytes.append(contentsOf: Array(text.utf8))
  bytes.append(contentsOf: data)
  try bytes.write(to: URL(fileURLWithPath: path))
}

/// A directory for one test.
enum TemporaryDirectory {
  /// Calls `body` with the path of an empty directory, which is removed afterwards.
  static func with<Result>(_ body: (String) throws -> Result) throws -> Result {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("checkpoints-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(url.path)
  }
}

/// What a directory holds, hidden files too, sorted.
func contents(_ directory: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
}
