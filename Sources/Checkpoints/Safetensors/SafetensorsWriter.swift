import Glibc
import JSONValues

/// Writing safetensors files.
public enum Safetensors {
  /// A tensor to be written.
  public struct Entry {
    /// Hands the tensor's bytes, in one piece or several, to the function it is given.
    public typealias Source = (_ write: (UnsafeRawBufferPointer) throws -> Void) throws -> Void

    /// The tensor's name.
    public let name: String
    /// The type of its elements.
    public let dtype: SafetensorsDType
    /// Its dimensions, the last one contiguous.
    public let shape: [Int]
    let source: Source

    /// Creates an entry from a function that hands over its bytes, little-endian.
    public init(
      name: String, dtype: SafetensorsDType, shape: [Int], source: @escaping Source
    ) {
      self.name = name
      self.dtype = dtype
      self.shape = shape
      self.source = source
    }

    /// Creates an entry of single-precision elements.
    public init(name: String, shape: [Int], floats: [Float]) {
      self.init(name: name, dtype: .f32, shape: shape) { write in
        try floats.withUnsafeBytes(write)
      }
    }

    /// Creates an entry that carries a tensor of another file over as it is, under its own name or
    /// another one.
    public init(_ view: TensorView, name: String? = nil) {
      self.init(name: name ?? view.name, dtype: view.dtype, shape: view.shape) { write in
        try view.withUnsafeBytes { bytes throws in try write(bytes) }
      }
    }
  }

  /// Writes a file, byte for byte as the Python library writes it: the tensors sorted by dtype,
  /// widest first, then by name; the header without spaces, padded with spaces to 8 bytes.
  ///
  /// The bytes go from each entry's source straight to the file, so that memory does not grow with
  /// the model. The file is written beside its target and renamed into place when it is on the
  /// disk; on an error the target is unchanged and nothing is left behind.
  ///
  /// - Parameters:
  ///   - entries: The tensors in any order.
  ///   - metadata: Free text; Python readers expect to find `"format": "pt"`. Written in the order
  ///     of the keys.
  ///   - path: The file; its directory must exist.
  /// - Throws: ``CheckpointError`` if two entries share a name, a name is `__metadata__`, a shape is
  ///   not possible, an entry's source hands over more or fewer bytes than its shape says, or the
  ///   file cannot be written; and what an entry's source throws.
  public static func write(
    _ entries: [Entry], metadata: [String: String] = ["format": "pt"], to path: String
  ) throws {
    let order = Dictionary(
      uniqueKeysWithValues: zip(SafetensorsDType.allCases, SafetensorsDType.allCases.indices))
    let entries = entries.sorted { one, other in
      if one.dtype == other.dtype { return precedes(one.name, other.name) }
      return order[one.dtype, default: 0] > order[other.dtype, default: 0]
    }
    let header = try header(of: entries, metadata: metadata, path: path)
    try AtomicFile.write(to: path) { file in
      var size = UInt64(header.count).littleEndian
      try withUnsafeBytes(of: &size) { bytes throws in try file.write(bytes) }
      try header.withUnsafeBytes { bytes throws in try file.write(bytes) }
      for entry in entries {
        let expected = entry.dtype.byteCount(of: entry.shape) ?? 0
        var written = 0
        try entry.source { bytes in
          written += bytes.count
          if written <= expected { try file.write(bytes) }
        }
        guard written == expected else {
          throw CheckpointError(
            .tensor, path, tensor: entry.name,
            "its source gave \(written) bytes, shape \(entry.shape) of \(entry.dtype) takes"
              + " \(expected)")
        }
      }
    }
  }

  private static func header(
    of entries: [Entry], metadata: [String: String], path: String
  ) throws(CheckpointError) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { precedes($0.key, $1.key) }
        .map { JSONValue.string($0.key).text() + ":" + JSONValue.string($0.value).text() }
      members.append("\"__metadata__\":{" + pairs.joined(separator: ",") + "}")
    }
    var names = Set<[UInt8]>()
    var offset = 0
    for entry in entries {
      func fault(_ message: String) -> CheckpointError {
        CheckpointError(.tensor, path, tensor: entry.name, message)
      }
      guard entry.name != SafetensorsHeader.metadataName else { throw fault("a reserved name") }
      guard names.insert(Array(entry.name.utf8)).inserted else { throw fault("stands twice") }
      guard let size = entry.dtype.byteCount(of: entry.shape),
        case let (end, overflow) = offset.addingReportingOverflow(size), !overflow
      else { throw fault("shape \(entry.shape) of \(entry.dtype) cannot be written") }
      let shape = entry.shape.map(String.init).joined(separator: ",")
      members.append(
        JSONValue.string(entry.name).text() + ":{\"dtype\":\"\(entry.dtype)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var header = Array(("{" + members.joined(separator: ",") + "}").utf8)
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    return header
  }
}
