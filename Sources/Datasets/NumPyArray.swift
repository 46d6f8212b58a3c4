/// A matrix of float32 in a file of NumPy's format, versions 1 to 3.
///
/// Reference: numpy.lib.format.
struct NumPyArray: Sendable {
  let rows: Int
  let columns: Int
  private let file: InputFile
  /// Where the numbers begin.
  private let start: Int

  /// Opens a file.
  ///
  /// - Throws: ``DatasetError`` that says what it holds instead.
  init(path: String) throws {
    file = try InputFile(path: path)
    func fault(_ message: String) -> DatasetError {
      DatasetError(.unsupportedFormat, message, path: path)
    }
    var prefix = [UInt8](repeating: 0, count: 12)
    let length = try prefix.withUnsafeMutableBytes { [file] in try file.read(at: 0, into: $0) }
    guard length == 12, prefix.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      throw fault("expected vectors, .npy (NumPy) or .h5 (HDF5)")
    }
    let isFirst = prefix[6] == 1
    let size = prefix[8..<(isFirst ? 10 : 12)].reversed().reduce(0) { $0 << 8 | Int($1) }
    let start = (isFirst ? 10 : 12) + size
    guard size < 1 << 16 else { throw fault("the header has \(size) bytes") }
    var header = [UInt8](repeating: 0, count: size)
    _ = try header.withUnsafeMutableBytes { [file] in
      try file.read(at: start - size, into: $0)
    }
    let text = String(decoding: header, as: UTF8.self).filter { $0 != " " }
    guard text.contains("'descr':'<f4'"), text.contains("'fortran_order':False") else {
      throw fault(
        "expected float32 in rows, found \(text.prefix(100)); write it with "
          + "numpy.save(path, numpy.ascontiguousarray(vectors, \"float32\"))")
    }
    let sizes = text.components(after: "'shape':(", before: ")")
      .split(separator: ",").compactMap { Int($0) }
    guard sizes.count == 2 else { throw fault("expected a matrix, found shape \(sizes)") }
    (rows, columns, self.start) = (sizes[0], sizes[1], start)
    let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
    guard rows >= 0, columns >= 0, !overflow, count <= (try file.size() - start) / 4 else {
      throw DatasetError(
        .corrupt, "the file ends before \(rows) vectors of \(columns): it is truncated", path: path)
    }
  }

  /// Reads some rows into memory that is as large as they are.
  func read(rows: Range<Int>, into target: UnsafeMutableBufferPointer<Float>) throws {
    let bytes = UnsafeMutableRawBufferPointer(target)
    let done = try file.read(at: start + 4 * rows.lowerBound * columns, into: bytes)
    guard done == bytes.count else {
      throw DatasetError(.corrupt, "the file has become shorter", path: file.path)
    }
  }
}

extension String {
  /// What stands between two marks; empty if they are not there.
  fileprivate func components(after first: String, before second: String) -> String {
    guard let start = ranges(of: first).first?.upperBound,
      let end = self[start...].ranges(of: second).first?.lowerBound
    else { return "" }
    return String(self[start..<end])
  }
}
