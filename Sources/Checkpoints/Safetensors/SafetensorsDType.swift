/// The element types of a safetensors file, in the order in which its library sorts them.
public enum SafetensorsDType: String, CaseIterable, Hashable, Sendable, CustomStringConvertible {
  /// Truth values, one byte each.
  case bool = "BOOL"
  /// Four-bit floating point (MXF4), two to a byte.
  case f4 = "F4"
  /// Six-bit floating point, 2 bits of exponent.
  case f6E2M3 = "F6_E2M3"
  /// Six-bit floating point, 3 bits of exponent.
  case f6E3M2 = "F6_E3M2"
  /// Unsigned bytes.
  case u8 = "U8"
  /// Signed bytes.
  case i8 = "I8"
  /// Eight-bit floating point, 5 bits of exponent.
  case f8E5M2 = "F8_E5M2"
  /// Eight-bit floating point, 4 bits of exponent.
  case f8E4M3 = "F8_E4M3"
  /// Eight-bit scales, powers of two.
  case f8E8M0 = "F8_E8M0"
  /// Eight-bit floating point, 4 bits of exponent, no negative zero.
  case f8E4M3FNUZ = "F8_E4M3FNUZ"
  /// Eight-bit floating point, 5 bits of exponent, no negative zero.
  case f8E5M2FNUZ = "F8_E5M2FNUZ"
  /// Signed 16-bit integers.
  case i16 = "I16"
  /// Unsigned 16-bit integers.
  case u16 = "U16"
  /// IEEE half precision.
  case f16 = "F16"
  /// The upper half of a single-precision number.
  case bf16 = "BF16"
  /// Signed 32-bit integers.
  case i32 = "I32"
  /// Unsigned 32-bit integers.
  case u32 = "U32"
  /// Single precision.
  case f32 = "F32"
  /// Pairs of single-precision numbers.
  case c64 = "C64"
  /// Double precision.
  case f64 = "F64"
  /// Signed 64-bit integers.
  case i64 = "I64"
  /// Unsigned 64-bit integers.
  case u64 = "U64"

  /// The name that stands in the file: "F32", ….
  public var description: String { rawValue }

  /// The size of one element in bits; not always a whole number of bytes.
  public var bitWidth: Int {
    switch self {
    case .f4: 4
    case .f6E2M3, .f6E3M2: 6
    case .bool, .u8, .i8, .f8E5M2, .f8E4M3, .f8E8M0, .f8E4M3FNUZ, .f8E5M2FNUZ: 8
    case .i16, .u16, .f16, .bf16: 16
    case .i32, .u32, .f32: 32
    case .c64, .f64, .i64, .u64: 64
    }
  }

  /// The bytes of a tensor of this type; nil if they are too many to count, a dimension is
  /// negative, or the last byte would not be full.
  func byteCount(of shape: [Int]) -> Int? {
    var bits = bitWidth
    for dimension in shape {
      let (product, overflow) = bits.multipliedReportingOverflow(by: dimension)
      guard dimension >= 0, !overflow else { return nil }
      bits = product
    }
    return bits % 8 == 0 ? bits / 8 : nil
  }
}
