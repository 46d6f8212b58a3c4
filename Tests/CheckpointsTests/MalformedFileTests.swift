import Checkpoints
import Foundation
import TestSupport
import Testing

/// A header that must be refused, and what the error must name.
struct Malformed: CustomTestStringConvertible {
  let what: String
  let header: String
  var dataSize = 16
  var code = CheckpointError.Code.tensor
  var tensor: String? = "x"
  let message: String

  var testDescription: String { what }
}

@Suite struct MalformedFileTests {
  static let tensorFaults: [Malformed] = [
    .init(
      what: "overlap", header: entry("a", "F32", [2], 0, 8) + "," + entry("x", "F32", [3], 4, 16),
      message: "inside the tensor"),
    .init(
      what: "same bytes twice",
      header: entry("a", "F32", [4], 0, 16) + "," + entry("x", "F32", [4], 0, 16),
      message: "inside the tensor"),
    .init(
      what: "hole", header: entry("a", "F32", [1], 0, 4) + "," + entry("x", "F32", [2], 8, 16),
      message: "the tensor before it ends at 4"),
    .init(what: "hole at the start", header: entry("x", "F32", [3], 4, 16), message: "ends at 0"),
    .init(
      what: "beyond the file", header: entry("x", "F32", [8], 0, 32), message: "the file holds 16"),
    .init(
      what: "begin after end", header: entry("x", "F32", [0], 8, 4),
      message: "end before they begin"),
    .init(what: "too few bytes", header: entry("x", "F32", [5], 0, 16), message: "takes 20 bytes"),
    .init(what: "too many bytes", header: entry("x", "F16", [4], 0, 16), message: "takes 8 bytes"),
    .init(
      what: "product overflows", header: entry("x", "F32", [1 << 40, 1 << 40], 0, 16),
      message: "too large"),
    .init(
      what: "bytes overflow", header: entry("x", "F64", [1 << 60], 0, 16), message: "too large"),
    .init(
      what: "overflow to a fitting size", header: entry("x", "F32", [1 << 62, 4], 0, 0),
      message: "too large"),
    .init(what: "half a byte", header: entry("x", "F4", [31], 0, 15), message: "whole number"),
    .init(what: "negative dimension", header: entry("x", "F32", [-4], 0, 16), message: "shape"),
    .init(what: "two negatives", header: entry("x", "F32", [-2, -2], 0, 16), message: "shape"),
    .init(what: "negative offset", header: entry("x", "F32", [4], -16, 0), message: "offsets"),
    .init(
      what: "dimension beyond Int",
      header: #""x":{"dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,16]}"#,
      message: "shape"),
    .init(
      what: "fraction as a dimension",
      header: #""x":{"dtype":"F32","shape":[4.0],"data_offsets":[0,16]}"#, message: "shape"),
    .init(what: "unknown dtype", header: entry("x", "F31", [4], 0, 16), message: "\"F31\""),
    .init(
      what: "dtype is no string", header: #""x":{"dtype":1,"shape":[4],"data_offsets":[0,16]}"#,
      message: "dtype"),
    .init(
      what: "no shape", header: #""x":{"dtype":"F32","data_offsets":[0,16]}"#, message: "shape"),
    .init(
      what: "shape is no list", header: #""x":{"dtype":"F32","shape":4,"data_offsets":[0,16]}"#,
      message: "shape"),
    .init(
      what: "no offsets", header: #""x":{"dtype":"F32","shape":[4]}"#, message: "data_offsets"),
    .init(
      what: "three offsets", header: #""x":{"dtype":"F32","shape":[4],"data_offsets":[0,8,16]}"#,
      message: "data_offsets"),
    .init(
      what: "unknown member",
      header: #""x":{"dtype":"F32","shape":[4],"data_offsets":[0,16],"scale":2}"#,
      message: "\"scale\""),
    .init(what: "entry is no object", header: #""x":[1]"#, message: "an array"),
  ]

  static let headerFaults: [Malformed] = [
    .init(
      what: "uncovered bytes at the end", header: entry("a", "F32", [3], 0, 12), code: .header,
      tensor: nil, message: "end at byte 12 of the data, the file holds 16"),
    .init(
      what: "duplicate names",
      header: entry("a", "F32", [2], 0, 8) + "," + entry("a", "F32", [2], 8, 16),
      code: .header, tensor: nil, message: "\"a\" stands twice"),
    .init(
      what: "metadata is a list", header: #""__metadata__":[]"#, dataSize: 0, code: .header,
      tensor: nil, message: "__metadata__ is an array"),
    .init(
      what: "metadata holds a number", header: #""__metadata__":{"step":1}"#, dataSize: 0,
      code: .header, tensor: nil, message: "__metadata__.\"step\" is an integer"),
    .init(
      what: "no JSON", header: #""a":"#, code: .header, tensor: nil, message: "line 1, column 6"),
  ]

  @Test(arguments: tensorFaults + headerFaults) func isRefused(_ fault: Malformed) throws {
    try TemporaryDirectory.with { directory in
      let path = directory + "/x.safetensors"
      try write(header: fault.header, data: Array(repeating: 0, count: fault.dataSize), to: path)
      let error = try #require(throws: CheckpointError.self) {
        try SafetensorsFile(contentsOf: path)
      }
      #expect(error.path == path && error.tensor == fault.tensor && error.code == fault.code)
      #expect(error.message.contains(fault.message), "\(error)")
      #expect(!error.description.contains("\n"))
    }
  }

  static let noFiles: [(Data, String)] = [
    (Data(), "it has 0 bytes"), (Data([1, 0, 0]), "it has 3 bytes"),
    (Data([255, 255, 255, 255, 255, 255, 255, 255]) + Data("{}".utf8), "18446744073709551615"),
    (Data([0, 225, 245, 5, 0, 0, 0, 0]), "truncated"),  // 100,000,000: allowed, but not there
    (Data([1, 225, 245, 5, 0, 0, 0, 0]), "more than 100000000 are refused"),
    (Data([3, 0, 0, 0, 0, 0, 0, 0]) + Data("{}".utf8), "truncated"),
    (Data([2, 0, 0, 0, 0, 0, 0, 0]) + Data("[]".utf8), "does not start with '{'"),
    (Data([3, 0, 0, 0, 0, 0, 0, 0]) + Data(" {}".utf8), "does not start with '{'"),
    (Data([0, 0, 0, 0, 0, 0, 0, 0]), "does not start with '{'"),
    (Data([6, 0, 0, 0, 0, 0, 0, 0]) + Data("{} {} ".utf8), "expected the end of the text"),
    (Data([7, 0, 0, 0, 0, 0, 0, 0]) + Data([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D]), "UTF-8"),
  ]

  @Test(arguments: noFiles) func isNoSafetensorsFile(bytes: Data, message: String) throws {
    try TemporaryDirectory.with { directory in
      let path = directory + "/x.safetensors"
      try bytes.write(to: URL(fileURLWithPath: path))
      let error = try #require(throws: CheckpointError.self) {
        try SafetensorsFile(contentsOf: path)
      }
      #expect(error.code == .header && error.path == path)
      #expect(error.message.contains(message), "\(error)")
    }
  }

  @Test func pathsThatAreNoFiles() throws {
    try TemporaryDirectory.with { directory in
      let missing = #expect(throws: CheckpointError.self) {
        try SafetensorsFile(contentsOf: directory + "/none")
      }
      #expect(
        missing?.description == "\(directory)/none: cannot be opened: No such file or directory")
      let folder = #expect(throws: CheckpointError.self) {
        try SafetensorsFile(contentsOf: directory)
      }
      #expect(folder?.message == "is not a regular file" && folder?.code == .system)
    }
  }

  /// Every prefix of a valid file is refused; the whole is read.
  @Test func everyTruncation() throws {
    let whole = try Data(contentsOf: URL(fileURLWithPath: fixture("library.safetensors")))
    try TemporaryDirectory.with { directory in
      let path = directory + "/x.safetensors"
      for count in 0..<whole.count {
        try whole.prefix(count).write(to: URL(fileURLWithPath: path))
        #expect(throws: CheckpointError.self, "\(count)") {
          try SafetensorsFile(contentsOf: path)
        }
      }
    }
  }

  /// Thousands of damaged headers: each is read, whole and in bounds, or refused with an error.
  @Test func randomMutations() throws {
    let whole = try Data(contentsOf: URL(fileURLWithPath: fixture("library.safetensors")))
    let headerEnd = 8 + Int(whole[0]) + Int(whole[1]) << 8
    var random = SplitMix(seed: 2024)
    var (read, refused) = (0, 0)
    try TemporaryDirectory.with { directory in
      let path = directory + "/x.safetensors"
      for _ in 0..<4000 {
        var bytes = [UInt8](whole)
        for _ in 0...Int.random(in: 0..<3, using: &random) {
          mutate(&bytes, headerEnd: headerEnd, &random)
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        do {
          let file = try SafetensorsFile(contentsOf: path)
          var total = 0
          for name in file.names {
            let view = try #require(file.tensor(name))
            total += view.withUnsafeBytes { $0.reduce(0) { $0 &+ Int($1) } & 0 + $0.count }
          }
          #expect(total <= bytes.count - 8)
          read += 1
        } catch is CheckpointError { refused += 1 }
      }
    }
    #expect(read > 100 && refused > 1000, "read \(read), refused \(refused)")
  }

  /// Changes, inserts, removes or swaps bytes of the header, mostly digits and punctuation.
  private func mutate(_ bytes: inout [UInt8], headerEnd: Int, _ random: inout SplitMix) {
    let at = Int.random(in: 0..<min(headerEnd, bytes.count), using: &random)
    let interesting = Array("0123456789-.eE,:[]{}\"\\ uFBIO\u{0}".utf8)
    let byte = interesting.randomElement(using: &random) ?? 0
    switch Int.random(in: 0..<7, using: &random) {
    case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
    case 1, 2: bytes[at] = byte
    case 3:  // the header grows, and its length with it
      bytes.insert(byte, at: max(at, 8))
      addToLength(of: &bytes, 1)
    case 4:
      bytes.remove(at: max(at, 8))
      addToLength(of: &bytes, -1)
    case 5: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    default:  // a digit of an offset or a dimension
      let digits = (8..<min(headerEnd, bytes.count)).filter { (48..<58).contains(bytes[$0]) }
      if let digit = digits.randomElement(using: &random) {
        bytes[digit] = UInt8.random(in: 48..<58, using: &random)
      }
    }
  }

  private func addToLength(of bytes: inout [UInt8], _ change: Int) {
    let length = Int(bytes[0]) + Int(bytes[1]) << 8 + change
    bytes[0] = UInt8(truncatingIfNeeded: length)
    bytes[1] = UInt8(truncatingIfNeeded: length >> 8)
  }
}
