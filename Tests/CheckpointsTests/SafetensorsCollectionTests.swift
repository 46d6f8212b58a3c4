import Checkpoints
import Foundation
import JSONValues
import Testing

@Suite struct SafetensorsCollectionTests {
  private let index = "model.safetensors.index.json"
  private let shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]

  @Test func readsShardsAsOneModel() throws {
    let model = try SafetensorsCollection(contentsOf: fixture("sharded/" + index))
    let expected = try #require(try fixtureJSON("sharded.json")["float_bits"]?.object)
    #expect(model.metadata == ["format": "pt"])
    #expect(Set(model.names) == Set(expected.keys) && model.names.count == expected.count)
    for (name, bits) in expected.members {
      #expect(
        try model.floats(name).map { Int(Int32(bitPattern: $0.bitPattern)) }
          == bits.array?.compactMap(\.integer), "\(name)")
      #expect(model.tensor(name)?.name == name)
    }
    let error = #expect(throws: CheckpointError.self) { try model.floats("none") }
    #expect(error?.tensor == "none" && error?.path == model.path)
  }

  @Test func readsOneFileAsAModel() throws {
    let path = fixture("sharded/" + shards[0])
    let model = try SafetensorsCollection(contentsOf: path)
    #expect(try model.names == SafetensorsFile(contentsOf: path).names && model.path == path)
    #expect(model.tensor("layer.0.weight") != nil && model.tensor("layer.1.weight") == nil)
  }

  @Test func aShardIsMissing() throws {
    try copied { directory in
      try FileManager.default.removeItem(atPath: directory + "/" + shards[1])
      try expectError(
        directory, path: shards[1], tensor: nil, code: .system, "No such file or directory")
    }
  }

  @Test func aTensorIsInNoShard() throws {
    try copied { directory in
      try changeIndex(directory) { $0["layer.2.weight"] = .string(shards[0]) }
      try expectError(directory, path: index, tensor: "layer.2.weight", "not in \"\(shards[0])\"")
    }
  }

  @Test func aTensorIsInAnotherShard() throws {
    try copied { directory in
      try changeIndex(directory) { $0["layer.0.weight"] = .string(shards[1]) }
      try expectError(directory, path: index, tensor: "layer.0.weight", "not in \"\(shards[1])\"")
    }
  }

  @Test func aTensorIsInTwoShards() throws {
    try copied { directory in
      let second = try SafetensorsFile(contentsOf: directory + "/" + shards[1])
      let entries = try second.names.map { Safetensors.Entry(try #require(second.tensor($0))) }
      let again = Safetensors.Entry(name: "layer.0.weight", shape: [1], floats: [0])
      try Safetensors.write(entries + [again], to: directory + "/" + shards[1])
      try expectError(
        directory, path: shards[1], tensor: "layer.0.weight", "also in \"\(shards[0])\"")
    }
  }

  @Test func aTensorIsNotInTheIndex() throws {
    try copied { directory in
      try changeIndex(directory) { $0["layer.1.bias"] = nil }
      try expectError(directory, path: shards[1], tensor: "layer.1.bias", "is not in the index")
    }
  }

  @Test(arguments: ["../x.safetensors", "/x.safetensors", "a/x.safetensors", "", "..", "a\u{0}b"])
  func aShardIsElsewhere(file: String) throws {
    try copied { directory in
      try changeIndex(directory) { $0["layer.1.bias"] = .string(file) }
      try expectError(directory, path: index, tensor: nil, "expected a plain file name")
    }
  }

  @Test(arguments: [
    ("{", "expected a member's name"), ("[]", "no weight_map"),
    ("{\"weight_map\":[]}", "weight_map"),
    ("{\"weight_map\":{}}", "is empty"), ("{\"weight_map\":{\"a\":1}}", "\"a\" is an integer"),
    ("", "end"),
  ]) func theIndexIsMalformed(text: String, message: String) throws {
    try TemporaryDirectory.with { directory in
      try AtomicFile.write(text, to: directory + "/" + index)
      try expectError(directory, path: index, tensor: nil, message)
    }
  }

  private func expectError(
    _ directory: String, path: String, tensor: String?, code: CheckpointError.Code = .index,
    _ message: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let error = try #require(throws: CheckpointError.self, sourceLocation: sourceLocation) {
      try SafetensorsCollection(contentsOf: directory + "/" + index)
    }
    #expect(error.path == directory + "/" + path, sourceLocation: sourceLocation)
    #expect(error.tensor == tensor && error.code == code, sourceLocation: sourceLocation)
    #expect(error.message.contains(message), "\(error)", sourceLocation: sourceLocation)
  }

  private func copied(_ body: (String) throws -> Void) throws {
    try TemporaryDirectory.with { directory in
      for name in [index] + shards {
        try FileManager.default.copyItem(
          atPath: fixture("sharded/" + name), toPath: directory + "/" + name)
      }
      try body(directory)
    }
  }

  private func changeIndex(_ directory: String, _ change: (inout JSONObject) -> Void) throws {
    var map = try #require(try fixtureJSON("sharded/" + index)["weight_map"]?.object)
    change(&map)
    try AtomicFile.write(
      JSONValue.object(JSONObject([("weight_map", .object(map))])).text(),
      to: directory + "/" + index)
  }
}
