/// TensorFlow's frame of a record: its length and its bytes, each followed by a checksum.
///
/// Reference: <https://www.tensorflow.org/tutorials/load_data/tfrecord>.
enum TFRecord {
  static func framed(_ data: [UInt8]) -> [UInt8] {
    let length = withUnsafeBytes(of: UInt64(data.count).littleEndian) { Array($0) }
    return length + checksum(length) + data + checksum(data)
  }

  /// The CRC-32C, masked as the format has it.
  private static func checksum(_ bytes: [UInt8]) -> [UInt8] {
    let sum = crc32C(bytes)
    let masked = (sum >> 15 | sum << 17) &+ 0xA282_EAD8
    return withUnsafeBytes(of: masked.littleEndian) { Array($0) }
  }

  /// The cyclic redundancy check of Castagnoli's polynomial, as in RFC 3720.
  static func crc32C(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(UInt32.max) { sum, byte in
      table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ sum >> 8
    }
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0x82F6_3B78 : 0) }
  }
}
