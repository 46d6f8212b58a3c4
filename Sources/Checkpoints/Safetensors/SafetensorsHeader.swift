import JSONValues

/// What the header of a safetensors file says, checked as its library checks it.
///
/// A file is eight bytes, little-endian, with the header's length; the header, one JSON object; and
/// the tensors' bytes. They follow one another without holes and end where the file ends.
struct SafetensorsHeader {
  struct Entry {
    let name: String
    let dtype: SafetensorsDType
    let shape: [Int]
    let offsets: Range<Int>  // in bytes, from the end of the header
  }

  static let metadataName = "__metadata__"
  private static let largestSize = 100_000_000

  var metadata: [String: String] = [:]
  /// The tensors in the order of their bytes.
  var entries: [Entry] = []
  /// Where the tensors' bytes start in the file.
  let dataStart: Int

  init(parsing file: UnsafeRawBufferPointer, path: String) throws(CheckpointError) {
    func fault(_ message: String) -> CheckpointError { .init(.header, path, message) }
    guard file.count >= 8 else {
      throw fault("no safetensors file: it has \(file.count) bytes, expected 8 at least")
    }
    let size = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
    guard size <= Self.largestSize else {
      throw fault("the header claims \(size) bytes; more than \(Self.largestSize) are refused")
    }
    guard size <= file.count - 8 else {
      throw fault(
        "the header claims \(size) bytes, the file has \(file.count - 8) after the length;"
          + " it is truncated or no safetensors file")
    }
    dataStart = 8 + Int(size)
    let text = UnsafeRawBufferPointer(rebasing: file[8..<dataStart])
    guard text.first == UInt8(ascii: "{") else { throw fault("the header does not start with '{'") }
    let value: JSONValue
    do { value = try JSONValue(parsing: text) } catch { throw fault("header: \(error)") }
    guard let members = value.object?.members else { throw fault("the header is no JSON object") }
    for (name, value) in members {
      if name == Self.metadataName {
        metadata = try Self.metadata(value, path: path)
      } else {
        entries.append(try Self.entry(name, value, path: path))
      }
    }
    try checkCoverage(of: file.count - dataStart, path: path)
  }

  private static func metadata(
    _ value: JSONValue, path: String
  ) throws(CheckpointError) -> [String: String] {
    guard let object = value.object else {
      throw CheckpointError(.header, path, "__metadata__ is \(value.kind), expected an object")
    }
    var metadata: [String: String] = [:]
    for (key, value) in object.members {
      guard let string = value.string else {
        throw CheckpointError(
          .header, path, "__metadata__.\(quoted(key)) is \(value.kind), expected a string")
      }
      metadata[key] = string
    }
    return metadata
  }

  private static func entry(
    _ name: String, _ value: JSONValue, path: String
  ) throws(CheckpointError) -> Entry {
    func fault(_ message: String) -> CheckpointError {
      CheckpointError(.tensor, path, tensor: name, message)
    }
    guard let object = value.object else {
      throw fault("its entry is \(value.kind), expected an object")
    }
    for key in object.keys where !["dtype", "shape", "data_offsets"].contains(key) {
      throw fault("unknown member \(quoted(key)); expected dtype, shape and data_offsets")
    }
    guard let dtypeName = object["dtype"]?.string else { throw fault("no dtype, or no string") }
    guard let dtype = SafetensorsDType(rawValue: dtypeName) else {
      throw fault("unknown dtype \(quoted(dtypeName))")
    }
    guard let shape = naturals(object["shape"]) else {
      throw fault("no shape, or no list of non-negative integers")
    }
    guard let offsets = naturals(object["data_offsets"]), offsets.count == 2 else {
      throw fault("no data_offsets, or no two non-negative integers")
    }
    guard offsets[0] <= offsets[1] else {
      throw fault("data_offsets \(offsets) end before they begin")
    }
    guard let size = dtype.byteCount(of: shape) else {
      throw fault("shape \(shape) of \(dtype) is too large, or no whole number of bytes")
    }
    guard size == offsets[1] - offsets[0] else {
      throw fault(
        "shape \(shape) of \(dtype) takes \(size) bytes, data_offsets \(offsets) hold"
          + " \(offsets[1] - offsets[0])")
    }
    return Entry(name: name, dtype: dtype, shape: shape, offsets: offsets[0]..<offsets[1])
  }

  /// A list of numbers that are written as integers and are not negative.
  private static func naturals(_ value: JSONValue?) -> [Int]? {
    guard let elements = value?.array else { return nil }
    var numbers: [Int] = []
    for element in elements {
      guard case .integer(let number) = element, number >= 0 else { return nil }
      numbers.append(number)
    }
    return numbers
  }

  /// Sorts the entries by their bytes and checks that they lie end to end over all `size` of them.
  private mutating func checkCoverage(of size: Int, path: String) throws(CheckpointError) {
    entries.sort {
      ($0.offsets.lowerBound, $0.offsets.upperBound)
        < ($1.offsets.lowerBound, $1.offsets.upperBound)
    }
    var end = 0
    for entry in entries {
      let start = entry.offsets.lowerBound
      func fault(_ message: String) -> CheckpointError {
        CheckpointError(.tensor, path, tensor: entry.name, message)
      }
      guard start >= end else {
        throw fault("starts at byte \(start), inside the tensor that ends at \(end)")
      }
      guard start == end else {
        throw fault("starts at byte \(start), but the tensor before it ends at \(end)")
      }
      end = entry.offsets.upperBound
      guard end <= size else {
        throw fault("ends at byte \(end) of the data, the file holds \(size): it is truncated")
      }
    }
    guard end == size else {
      throw CheckpointError(
        .header, path, "the tensors end at byte \(end) of the data, the file holds \(size)")
    }
  }
}
