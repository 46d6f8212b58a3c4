internal import CKernels

/// How the elements of a matrix are stored.
public enum ElementType: String, Hashable, Sendable, CaseIterable {
  /// IEEE 754 binary32.
  case fp32
  /// The upper half of an fp32 number: its range, with 8 bits of precision.
  case bf16
  /// IEEE 754 binary16: 11 bits of precision, up to 65,504.
  case fp16

  /// Bytes of one element.
  public var size: Int { self == .fp32 ? 4 : 2 }

  var kernelType: kt_element {
    switch self {
    case .fp32: kt_fp32
    case .bf16: kt_bf16
    case .fp16: kt_fp16
    }
  }
}
