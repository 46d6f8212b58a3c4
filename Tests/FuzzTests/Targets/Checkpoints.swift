import Checkpoints
import Foundation
import JSONValues
import TestSupport

extension FuzzTarget {
  static let json = [
    FuzzTarget(
      name: "json", file: "input.json",
      more: fixtures("best_checkpoints.json", "recipe_example.json", of: "TrainingTests"),
      parse: { path in
        let value = try JSONValue(parsing: Data(contentsOf: URL(filePath: path)))
        guard try JSONValue(parsing: value.text(indent: 2)) == value else {
          throw Finding("what is written does not read back")
        }
      }, faults: [JSONError.self])
  ]

  static let checkpoints = [
    FuzzTarget(
      name: "safetensors", file: "model.safetensors",
      more: {
        try fixtures("library.safetensors", of: "CheckpointsTests")()
          + fixtures(
            "sharded/model-00001-of-00002.safetensors", "sharded/model-00002-of-00002.safetensors",
            of: "CheckpointsTests")()
      },
      parse: { try readAll(SafetensorsCollection(contentsOf: $0)) }, faults: [CheckpointError.self]),
    FuzzTarget(
      name: "safetensors-header", file: "model.safetensors", envelope: underItsLength,
      parse: { try readAll(SafetensorsCollection(contentsOf: $0)) }, faults: [CheckpointError.self]),
    FuzzTarget(
      name: "safetensors-index", file: "model.safetensors.index.json",
      more: fixtures("sharded/model.safetensors.index.json", of: "CheckpointsTests"),
      prepare: { directory in
        for name in ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"] {
          let bytes = try fixture("sharded/" + name, of: "CheckpointsTests")
          try Data(bytes).write(to: URL(filePath: directory + "/" + name))
        }
      },
      parse: { try readAll(SafetensorsCollection(contentsOf: $0)) }, faults: [CheckpointError.self]),
    FuzzTarget(
      name: "manifest", file: "manifest.json",
      prepare: { directory in
        try FileManager.default.createDirectory(
          atPath: directory + "/1_Pooling", withIntermediateDirectories: true)
        try Data("{}".utf8).write(to: URL(filePath: directory + "/1_Pooling/config.json"))
        try Data("weights".utf8).write(to: URL(filePath: directory + "/model.safetensors"))
      },
      parse: { try Manifest.verify(String($0.dropLast("/manifest.json".count))) },
      faults: [CheckpointError.self]),
  ]

  /// A header with its length before it, and as many bytes after it as it says, if they are few.
  private static func underItsLength(_ header: [UInt8]) -> [UInt8] {
    let ends =
      (try? JSONValue(parsing: header))?.object?.values
      .compactMap { $0["data_offsets"]?.array?.last?.integer } ?? []
    let size = ends.max().map { (0..<4096).contains($0) ? $0 : 16 } ?? 16
    let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
    return length + header + (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 37) }
  }

  private static func readAll(_ tensors: SafetensorsCollection) throws {
    var (total, arrived) = (0, 0)
    var targets: [SafetensorsFile.Target] = []
    for name in tensors.names {
      guard let view = tensors.tensor(name) else { throw Finding("\(name) is not there") }
      targets.append((view, .pieces { arrived = $1.reduce(arrived) { $0 &+ Int($1) } }))
      let sum = view.withUnsafeBytes { $0.reduce(0) { $0 &+ Int($1) } }
      total = total &+ sum
      if [.f32, .f16, .bf16, .f64].contains(view.dtype) {
        guard try tensors.floats(name).count == view.count else {
          throw Finding("\(name) has another number of elements than it says")
        }
      }
    }
    for (path, digest) in try tensors.read(targets, hashes: true) {
      guard try digest == FileDigest(contentsOf: path) else {
        throw Finding("what was read has another digest than the file")
      }
    }
    guard arrived == total else { throw Finding("what was read is not what is mapped") }
  }
}

/// Keeps what was computed for nothing else.
@inline(never) func blackHole(_: Int) {}
