import Foundation
import JSONValues
import Testing
import Tokenizers

/// A JSON file among the fixtures.
func fixture(_ name: String) throws -> JSONValue {
  try JSONValue(parsing: fixtureBytes(name))
}

/// The bytes of a file among the fixtures.
func fixtureBytes(_ name: String) throws -> [UInt8] {
  let url = try #require(Bundle.module.resourceURL).appending(path: "Fixtures/\(name)")
  return Array(try Data(contentsOf: url))
}

/// A new directory that holds `files`, for as long as `body` runs.
func withDirectory<Result>(
  of files: [String: String], _ body: (String) throws -> Result
) throws -> Result {
  try withDirectory(of: files.mapValues { Array($0.utf8) }, body)
}

/// A new directory that holds `files`, for as long as `body` runs.
func withDirectory<Result>(
  of files: [String: [UInt8]], _ body: (String) throws -> Result
) throws -> Result {
  let url = FileManager.default.temporaryDirectory.appending(
    path: "ktrain-tokenizers-\(UInt64.random(in: 0 ... .max))")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: url) }
  for (name, bytes) in files {
    try Data(bytes).write(to: url.appending(path: name))
  }
  return try body(url.path(percentEncoded: false))
}

/// The tokenizer of a tokenizer.json with this content.
func tokenizer(_ file: JSONValue, lowercase: Bool = false) throws -> Tokenizer {
  try withDirectory(of: ["tokenizer.json": file.text()]) {
    try Tokenizer(contentsOf: $0 + "/tokenizer.json", lowercase: lowercase)
  }
}

/// `file` with some of its sections replaced: members of `model` one by one, `added_tokens` by
/// appending, `remove` by taking members of `model` away.
func patched(_ file: JSONValue, _ patch: JSONObject) throws -> JSONValue {
  var object = try #require(file.object)
  var model = try #require(file["model"]?.object)
  for (key, value) in patch.members {
    switch key {
    case "model":
      for (key, value) in try #require(value.object).members { model[key] = value }
    case "remove":
      for key in try #require(value.array) { model[try #require(key.string)] = nil }
    case "added_tokens":
      let tokens = try #require(file["added_tokens"]?.array) + #require(value.array)
      object["added_tokens"] = .array(tokens)
    default: object[key] = value
    }
  }
  object["model"] = .object(model)
  return .object(object)
}

/// The hash by which the fixtures' scripts stand for long results.
func fnv1a(_ bytes: some Sequence<UInt8>) -> UInt64 {
  bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}

/// An array of integers.
func integers(_ value: JSONValue) throws -> [Int32] {
  try #require(value.array).map { Int32(try #require($0.integer)) }
}

/// An array of strings.
func strings(_ value: JSONValue?) throws -> [String] {
  try #require(value?.array).map { try #require($0.string) }
}
