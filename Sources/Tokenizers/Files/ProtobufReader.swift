/// Reads the fields of one protocol buffer message, one after the other.
///
/// Reference: <https://protobuf.dev/programming-guides/encoding/>.
struct ProtobufReader {
  /// What is wrong with a message.
  struct Fault: Error {
    let message: String
    /// Whether the message is whole, but asks for what there is not.
    var isUnsupported = false
  }

  /// A field with its value as it is on the wire.
  struct Field {
    let number: UInt64
    fileprivate let value: Value
    /// Where the field starts in the file.
    fileprivate let offset: Int

    func integer() throws(Fault) -> UInt64 {
      guard case .varint(let value) = value else { throw mismatch("an integer") }
      return value
    }

    func float() throws(Fault) -> Float {
      guard case .fixed32(let bits) = value else { throw mismatch("a float") }
      return Float(bitPattern: bits)
    }

    func bytes() throws(Fault) -> ArraySlice<UInt8> {
      guard case .bytes(let bytes) = value else { throw mismatch("bytes") }
      return bytes
    }

    private func mismatch(_ kind: String) -> Fault {
      Fault(
        message: "this is no sentencepiece model: field \(number) at byte \(offset) is not \(kind)")
    }
  }

  fileprivate enum Value {
    case varint(UInt64)
    case fixed32(UInt32)
    case fixed64
    case bytes(ArraySlice<UInt8>)
  }

  private var rest: ArraySlice<UInt8>

  /// Reads a message that is a slice of the file's bytes, with the file's indices.
  init(_ message: ArraySlice<UInt8>) { rest = message }

  /// The next field; nil at the end of the message.
  mutating func next() throws(Fault) -> Field? {
    if rest.isEmpty { return nil }
    let offset = rest.startIndex
    let key = try varint()
    guard key >> 3 > 0 else { throw fault("field 0", at: offset) }
    let value: Value
    switch key & 7 {
    case 0: value = .varint(try varint())
    case 1:
      _ = try take(8)
      value = .fixed64
    case 2: value = .bytes(try take(try varint()))
    case 5: value = .fixed32(try take(4).reversed().reduce(0) { $0 << 8 | UInt32($1) })
    default: throw fault("wire type \(key & 7)", at: offset)
    }
    return Field(number: key >> 3, value: value, offset: offset)
  }

  private mutating func varint() throws(Fault) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = rest.popFirst() else { throw fault("the end", at: rest.startIndex) }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw fault("an integer of more than 64 bits", at: rest.startIndex)
  }

  private mutating func take(_ count: UInt64) throws(Fault) -> ArraySlice<UInt8> {
    guard count <= UInt64(rest.count) else {
      throw fault("\(count) bytes where \(rest.count) are left", at: rest.startIndex)
    }
    defer { rest = rest.dropFirst(Int(count)) }
    return rest.prefix(Int(count))
  }

  private func fault(_ found: String, at offset: Int) -> Fault {
    Fault(message: "this is no sentencepiece model: found \(found) at byte \(offset)")
  }
}
