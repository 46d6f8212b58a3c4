extension TensorView {
  /// The elements in single precision.
  ///
  /// F32, F16 and BF16 are exact; F64 is rounded to nearest even, beyond the range to infinity.
  ///
  /// - Throws: ``CheckpointError`` for any other dtype; integers, for one, are never weights.
  public func floats() throws(CheckpointError) -> [Float] {
    try checkConvertible()
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      convert(to: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
  }

  /// Writes the elements in single precision into memory that is already there.
  ///
  /// - Parameter target: As many elements as the tensor has.
  /// - Throws: ``CheckpointError`` if the dtype is not one of ``floats()``; nothing is written then.
  public func copyFloats(to target: UnsafeMutableBufferPointer<Float>) throws(CheckpointError) {
    try checkConvertible()
    precondition(
      target.count == count,
      "copyFloats: tensor \(name) has \(count) elements, the target \(target.count)")
    convert(to: target)
  }

  /// Where the elements go in single precision when their file is read.
  ///
  /// - Parameter start: Memory for as many elements as the tensor has, there until they are read.
  /// - Returns: The memory itself if the elements are stored as they are held.
  /// - Throws: ``CheckpointError`` if the dtype is not one of ``floats()``.
  public func floats(
    at start: UnsafeMutablePointer<Float>
  ) throws(CheckpointError) -> SafetensorsFile.Destination {
    try checkConvertible()
    let target = UnsafeMutableBufferPointer(start: start, count: count)
    if dtype == .f32 { return .memory(UnsafeMutableRawBufferPointer(target)) }
    return .pieces { offset, bytes in
      let first = offset * 8 / dtype.bitWidth
      let end = first + bytes.count * 8 / dtype.bitWidth
      convert(bytes, to: UnsafeMutableBufferPointer(rebasing: target[first..<end]))
    }
  }

  private func checkConvertible() throws(CheckpointError) {
    guard [.f32, .f16, .bf16, .f64].contains(dtype) else {
      throw CheckpointError(
        .tensor, path, tensor: name,
        "cannot be read as floating point: its dtype is \(dtype), expected F32, F16, BF16 or F64")
    }
  }

  private func convert(to target: UnsafeMutableBufferPointer<Float>) {
    withUnsafeBytes { convert($0, to: target) }
  }

  private func convert(
    _ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableBufferPointer<Float>
  ) {
    switch dtype {
    case .f16: each(of: bytes, to: target, singlePrecision(half:))
    case .bf16: each(of: bytes, to: target) { Float(bitPattern: UInt32($0 as UInt16) << 16) }
    case .f64: each(of: bytes, to: target) { Float(Double(bitPattern: $0)) }
    default: UnsafeMutableRawBufferPointer(target).copyMemory(from: bytes)
    }
  }

  private func each<Element: FixedWidthInteger>(
    of bytes: UnsafeRawBufferPointer, to target: UnsafeMutableBufferPointer<Float>,
    _ float: (Element) -> Float
  ) {
    for index in target.indices {
      let offset = index * MemoryLayout<Element>.size
      let bits = bytes.loadUnaligned(fromByteOffset: offset, as: Element.self)
      target[index] = float(bits)
    }
  }
}

/// IEEE half precision to single precision, exactly; a NaN keeps its payload, as in numpy.
///
/// Arithmetic on the bits, since a processor without F16C would otherwise call a library function
/// for each element.
func singlePrecision(half: UInt16) -> Float {
  let sign = UInt32(half & 0x8000) << 16
  let magnitude = UInt32(half & 0x7FFF)
  switch magnitude {
  case 0x7C00...: return Float(bitPattern: sign | 0x7F80_0000 | magnitude << 13)
  case 0x0400...: return Float(bitPattern: sign | (magnitude << 13 + (127 - 15) << 23))
  default:  // subnormal: a whole number of 2^-24
    return Float(bitPattern: sign | (Float(magnitude) * 0x1p-24).bitPattern)
  }
}
