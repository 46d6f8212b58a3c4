import Checkpoints
import Foundation
import JSONValues
import Testing

@Suite struct SafetensorsWriterTests {
  /// What the library wrote, read and written again in another order, is the library's file.
  @Test func writesTheLibrarysBytes() throws {
    let file = try SafetensorsFile(contentsOf: fixture("library.safetensors"))
    let expected = try fixtureJSON("library.json")["sha256"]?.string
    for names in [file.names, file.names.reversed(), file.names.sorted()] {
      try TemporaryDirectory.with { directory in
        let path = directory + "/x.safetensors"
        let entries = try names.map { Safetensors.Entry(try #require(file.tensor($0))) }
        try Safetensors.write(entries, metadata: file.metadata, to: path)
        #expect(try FileDigest(contentsOf: path).description == expected)
        #expect(try contents(directory) == ["x.safetensors"])
      }
    }
  }

  @Test func sourcesMayGiveTheirBytesInPieces() throws {
    try TemporaryDirectory.with { directory in
      let path = directory + "/x.safetensors"
      let floats: [Float] = [1, 2, 3, 4, 5, 6]
      let pieces = Safetensors.Entry(name: "pieces", dtype: .f32, shape: [2, 3]) { write in
        for value in floats { try withUnsafeBytes(of: value, write) }
      }
      let whole = Safetensors.Entry(name: "whole", shape: [6], floats: floats)
      try Safetensors.write([whole, pieces], metadata: ["b": "2", "a": "\"1\""], to: path)
      let file = try SafetensorsFile(contentsOf: path)
      #expect(file.metadata == ["b": "2", "a": "\"1\""])
      #expect(file.names == ["pieces", "whole"])
      #expect(try file.floats("pieces") == floats && file.floats("whole") == floats)
      #expect(file.tensor("pieces")?.shape == [2, 3])
    }
  }

  /// Writing over the file that one reads from: the views keep the old bytes.
  @Test func replacesTheFileThatItReads() throws {
    try TemporaryDirectory.with { directory in
      let path = directory + "/x.safetensors"
      try Safetensors.write([.init(name: "x", shape: [2], floats: [1, 2])], to: path)
      let old = try SafetensorsFile(contentsOf: path)
      let entry = Safetensors.Entry(name: "y", shape: [1], floats: [3])
      try Safetensors.write([entry, .init(try #require(old.tensor("x")))], to: path)
      let new = try SafetensorsFile(contentsOf: path)
      #expect(try new.floats("x") == [1, 2] && new.floats("y") == [3])
      #expect(try old.floats("x") == [1, 2] && old.tensor("y") == nil)
    }
  }

  static var faults: [(entries: [Safetensors.Entry], message: String)] {
    [
      (
        [.init(name: "x", shape: [2], floats: [1, 2]), .init(name: "x", shape: [], floats: [1])],
        "twice"
      ),
      ([.init(name: "__metadata__", shape: [1], floats: [1])], "reserved"),
      ([.init(name: "x", shape: [3], floats: [1, 2])], "gave 8 bytes"),
      ([.init(name: "x", shape: [1], floats: [1, 2])], "gave 8 bytes"),
      ([.init(name: "x", shape: [-1, -2], floats: [1, 2])], "cannot be written"),
      ([.init(name: "x", shape: [1 << 40, 1 << 40], floats: [])], "cannot be written"),
    ]
  }

  @Test(arguments: faults.indices) func refuses(_ index: Int) throws {
    try TemporaryDirectory.with { directory in
      let path = directory + "/x.safetensors"
      try Data("old".utf8).write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: CheckpointError.self) {
        try Safetensors.write(Self.faults[index].entries, to: path)
      }
      #expect(error?.path == path && error?.message.contains(Self.faults[index].message) == true)
      #expect(try contents(directory) == ["x.safetensors"])
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
    }
  }

  @Test func rethrowsWhatASourceThrows() throws {
    struct Refused: Error {}
    try TemporaryDirectory.with { directory in
      let entry = Safetensors.Entry(name: "x", dtype: .u8, shape: [1]) { _ in throw Refused() }
      #expect(throws: Refused.self) {
        try Safetensors.write([entry], to: directory + "/x.safetensors")
      }
      let left = try contents(directory)
      #expect(left.isEmpty)
    }
  }
}
