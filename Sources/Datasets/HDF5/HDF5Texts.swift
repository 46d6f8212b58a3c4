import CHDF5
import Glibc

extension HDF5File {
  /// UTF-8 of any length, as h5py's `string_dtype()`.
  static func textType(_ work: HDF5Work) throws -> hid_t {
    let type = try work.own(H5Tcopy(chdf5_string()), "no type for texts")
    try work.check(H5Tset_size(type, chdf5_variable_length()), "no type for texts")
    try work.check(H5Tset_cset(type, H5T_CSET_UTF8), "no type for texts")
    return type
  }

  /// Calls `body` with the texts as C strings.
  static func withCStrings(
    _ texts: [String], _ name: String, _ work: HDF5Work,
    _ body: (UnsafePointer<UnsafePointer<CChar>?>) throws -> Void
  ) throws {
    var bytes: [CChar] = []
    var starts: [Int] = []
    for text in texts {
      guard !text.utf8.contains(0) else {
        throw work.error("\(name): a text holds the character NUL, which HDF5 texts cannot hold")
      }
      starts.append(bytes.count)
      bytes.append(contentsOf: text.utf8CString)
    }
    try bytes.withUnsafeBufferPointer { bytes in
      var pointers = starts.map { start in bytes.baseAddress.map { $0 + start } }
      // At least one, so that there is an address.
      if pointers.isEmpty { pointers.append(nil) }
      try pointers.withUnsafeBufferPointer { pointers in
        if let address = pointers.baseAddress { try body(address) }
      }
    }
  }
}

/// Reading texts of one HDF5 type: of variable or of fixed length.
struct HDF5Texts {
  /// The longest text of fixed length that is read, in bytes: 64 MiB.
  private static let longest = 1 << 26

  let type: hid_t
  /// What holds the texts, for errors.
  let name: String
  /// The number of the first row to be read, for errors.
  var firstRow = 0
  /// How many texts a row has.
  var perRow = 1

  /// Reads texts.
  ///
  /// - Parameters:
  ///   - count: How many.
  ///   - space: The shape of the memory they are read to.
  ///   - work: The work that owns `type`.
  ///   - fetch: Fills memory with elements of `type`.
  /// - Returns: The texts, row after row.
  /// - Throws: ``DatasetError`` if the type is no text, or a text is not UTF-8.
  func read(
    count: Int, in space: hid_t, _ work: HDF5Work,
    _ fetch: (UnsafeMutableRawPointer?) -> herr_t
  ) throws -> [String] {
    guard H5Tget_class(type) == H5T_STRING else { throw work.error("\(name) holds no texts") }
    guard count > 0 else { return [] }
    let size = H5Tget_size(type)
    guard size > 0, size <= Self.longest else {
      throw work.error(
        "\(name) holds texts of \(size) bytes; expected at most \(Self.longest), or texts of "
          + "variable length")
    }
    let (length, overflow) = count.multipliedReportingOverflow(by: size)
    guard !overflow else { throw work.error("\(name) holds \(count) texts, which are too many") }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 16)
    defer { buffer.deallocate() }
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
    let isVariable = try work.check(H5Tis_variable_str(type), "\(name) has no type") > 0
    let status = fetch(buffer.baseAddress)
    // What was read before an error is there, too; the rest are null pointers.
    defer {
      if isVariable { H5Dvlen_reclaim(type, space, chdf5_default(), buffer.baseAddress) }
    }
    try work.check(status, "\(name) cannot be read")
    let padding = H5Tget_strpad(type)
    return try (0..<count).map { index in
      let element = UnsafeRawBufferPointer(rebasing: buffer[index * size..<(index + 1) * size])
      let bytes =
        isVariable
        ? Self.variable(element) : Self.trimmed(element.bindMemory(to: UInt8.self), padding)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw DatasetError(
          .notUTF8, "\(name): row \(firstRow + index / perRow) is not UTF-8", path: work.path)
      }
      return text
    }
  }

  /// The bytes up to the NUL behind a pointer; no pointer stands for no bytes.
  private static func variable(_ element: UnsafeRawBufferPointer) -> UnsafeBufferPointer<UInt8> {
    guard let start = element.load(as: UnsafePointer<UInt8>?.self) else {
      return UnsafeBufferPointer(start: nil, count: 0)
    }
    return UnsafeBufferPointer(start: start, count: strlen(start))
  }

  private static func trimmed(
    _ bytes: UnsafeBufferPointer<UInt8>, _ padding: H5T_str_t
  ) -> UnsafeBufferPointer<UInt8> {
    let text: Slice<UnsafeBufferPointer<UInt8>>
    switch padding {
    case H5T_STR_NULLTERM: text = bytes.prefix { $0 != 0 }
    case H5T_STR_SPACEPAD: text = bytes[..<((bytes.lastIndex { $0 != 0x20 } ?? -1) + 1)]
    default: text = bytes[..<((bytes.lastIndex { $0 != 0 } ?? -1) + 1)]
    }
    return UnsafeBufferPointer(rebasing: text)
  }
}
