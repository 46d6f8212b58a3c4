import Checkpoints
import Foundation
import JSONValues
import Testing

@Suite struct SafetensorsFileTests {
  @Test func readsWhatTheLibraryWrote() throws {
    let file = try SafetensorsFile(contentsOf: fixture("library.safetensors"))
    let expected = try #require(try fixtureJSON("library.json")["tensors"]?.array)
    #expect(file.metadata == ["format": "pt"])
    #expect(
      file.names.map { Array($0.utf8) } == expected.map { Array(($0["name"]?.string ?? "").utf8) })
    for tensor in expected {
      let name = try #require(tensor["name"]?.string)
      let view = try #require(file.tensor(name), "\(name)")
      #expect(view.dtype.rawValue == tensor["dtype"]?.string, "\(name)")
      #expect(view.shape == tensor["shape"]?.array?.compactMap(\.integer), "\(name)")
      let digest = view.withUnsafeBytes { FileDigest(of: $0) }
      #expect(digest.description == tensor["sha256"]?.string, "\(name)")
      if let bits = tensor["float_bits"]?.array {
        let floats = try file.floats(name)
        #expect(
          floats.map { Int(Int32(bitPattern: $0.bitPattern)) } == bits.compactMap(\.integer),
          "\(name)")
        var target = [Float](repeating: .nan, count: view.count)
        try target.withUnsafeMutableBufferPointer { try view.copyFloats(to: $0) }
        #expect(target == floats, "\(name)")
      } else {
        let error = #expect(throws: CheckpointError.self) { try file.floats(name) }
        #expect(error?.tensor == name && error?.message.contains(view.dtype.rawValue) == true)
      }
    }
  }

  @Test func namesThatAreNotThereAreNil() throws {
    let file = try SafetensorsFile(contentsOf: fixture("library.safetensors"))
    #expect(file.tensor("Weight") == nil)
    #expect(file.tensor("__metadata__") == nil)
    let error = #expect(throws: CheckpointError.self) { try file.floats("Weight") }
    #expect(error?.description == "\(file.path): tensor \"Weight\": is not in the file")
  }

  /// A view outlives the object that it came from.
  @Test func viewsKeepTheMapping() throws {
    var file: SafetensorsFile? = try SafetensorsFile(contentsOf: fixture("library.safetensors"))
    let view = try #require(file?.tensor("scalar"))
    file = nil
    #expect(try view.floats() == [1.5])
  }

  @Test func convertsEveryHalf() throws {
    let expected = try fixtureJSON("conversions.json")
    let patterns = (0...UInt16.max).map(\.littleEndian)
    let bytes = patterns.withUnsafeBytes { Array($0) }
    for (dtype, key) in [("F16", "every_half_sha256"), ("BF16", "every_brain_sha256")] {
      let floats = try TemporaryDirectory.with { directory in
        let path = directory + "/x.safetensors"
        try write(header: entry("x", dtype, [65536], 0, 131072), data: bytes, to: path)
        return try SafetensorsFile(contentsOf: path).floats("x")
      }
      let words = floats.map { ($0.isNaN ? 0x7FC0_0000 : $0.bitPattern).littleEndian }
      let digest = words.withUnsafeBytes { FileDigest(of: $0) }
      #expect(digest.description == expected[key]?.string, "\(dtype)")
    }
  }

  @Test func roundsDoublesToNearestEven() throws {
    let expected = try fixtureJSON("conversions.json")
    let doubles = try #require(expected["double_bits"]?.array).compactMap(\.integer)
    let bytes = doubles.withUnsafeBytes { Array($0) }
    try TemporaryDirectory.with { directory in
      let path = directory + "/x.safetensors"
      try write(
        header: entry("x", "F64", [doubles.count], 0, bytes.count), data: bytes, to: path)
      let found = try SafetensorsFile(contentsOf: path).floats("x")
      #expect(
        found.map { Int(Int32(bitPattern: $0.bitPattern)) }
          == expected["single_bits"]?.array?.compactMap(\.integer))
    }
  }

  /// The library reads tensors at any offset, so a header need not be padded.
  @Test(arguments: ["", " ", "  \n "]) func readsUnalignedTensors(padding: String) throws {
    try TemporaryDirectory.with { directory in
      let path = directory + "/x.safetensors"
      let header = entry("b", "U8", [1], 0, 1) + "," + entry("x", "F32", [2], 1, 9)
      let floats: [Float] = [1.5, -2]
      let bytes = [7] + floats.withUnsafeBytes { Array($0) }
      try write(text: "{\(header)}\(padding)", data: bytes, to: path)
      #expect(try SafetensorsFile(contentsOf: path).floats("x") == floats)
    }
  }

  @Test func readsAFileWithoutTensors() throws {
    try TemporaryDirectory.with { directory in
      let path = directory + "/x.safetensors"
      try write(text: "{}", data: [], to: path)
      #expect(try SafetensorsFile(contentsOf: path).names.isEmpty)
    }
  }
}
