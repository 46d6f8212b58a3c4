import CHDF5

/// A number as datasets hold it: little endian, as the machines are that this runs on.
package protocol HDF5Element: BitwiseCopyable {
  /// Its type in a file.
  static var hdf5: HDF5ElementType { get }
}

/// The types of numbers that are read and written, by NumPy's names.
package enum HDF5ElementType: String {
  case float32, int32, int64, uint8

  /// The library's id.
  var id: hid_t {
    switch self {
    case .float32: chdf5_float32()
    case .int32: chdf5_int32()
    case .int64: chdf5_int64()
    case .uint8: chdf5_uint8()
    }
  }
}

extension Float: HDF5Element {
  package static var hdf5: HDF5ElementType { .float32 }
}

extension Int32: HDF5Element {
  package static var hdf5: HDF5ElementType { .int32 }
}

extension Int64: HDF5Element {
  package static var hdf5: HDF5ElementType { .int64 }
}

extension UInt8: HDF5Element {
  package static var hdf5: HDF5ElementType { .uint8 }
}
