import Foundation
import JSONValues
import Sampling
import Testing

/// What torch and sentence-transformers gave; `Fixtures/make_sampling.py` says how.
let fixture: JSONValue = {
  guard let url = Bundle.module.url(forResource: "Fixtures/sampling", withExtension: "json"),
    let data = FileManager.default.contents(atPath: url.path)
  else { fatalError("the fixture sampling.json is missing") }
  do { return try JSONValue(parsing: data) } catch { fatalError("sampling.json: \(error)") }
}()

/// One case of the fixture.
struct Case: Sendable, CustomTestStringConvertible {
  let value: JSONValue
  let index: Int

  /// The cases under a name of the fixture.
  static func all(_ name: String) -> [Case] {
    (fixture[name]?.array ?? []).enumerated().map { Case(value: $1, index: $0) }
  }

  var testDescription: String { "case \(index)" }

  func integer(_ key: String) throws -> Int { try #require(value[key]?.integer, "\(key)") }

  func bool(_ key: String) throws -> Bool { try #require(value[key]?.bool as Bool?, "\(key)") }

  func seed(_ key: String = "seed") throws -> UInt64 {
    let text = try #require(value[key]?.string, "\(key)")
    return try #require(UInt64(text), "\(key)")
  }

  func rows(_ key: String) throws -> [[Int32]] { try Self.rows(try #require(value[key])) }

  /// The batches of each epoch.
  var epochs: [[[Int32]]] {
    get throws { try #require(value["epochs"]?.array).map { try Self.rows($0) } }
  }

  /// The text numbers of each data set.
  var dataSets: [[[Int32]]] {
    get throws { try #require(value["text_ids"]?.array).map { try Self.rows($0) } }
  }

  /// The batches of each epoch of several data sets.
  var batchesOfSeveral: [[DatasetBatch]] {
    get throws {
      try #require(value["epochs"]?.array).map { epoch in
        try #require(epoch.array).map { batch in
          DatasetBatch(
            dataset: try #require(batch.array?[0].integer),
            rows: try #require(batch.array?[1].array).map { Int32(try #require($0.integer)) })
        }
      }
    }
  }

  private static func rows(_ value: JSONValue) throws -> [[Int32]] {
    try #require(value.array).map { row in
      try #require(row.array).map { Int32(try #require($0.integer)) }
    }
  }
}
