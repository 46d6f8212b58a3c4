import Glibc

/// What columns of texts and numbers are read from: an HDF5 file, or what another process tells of one.
protocol RowTable {
  var path: String { get }
  /// As of ``HDF5TextTable``.
  var names: [String] { get }
  /// As of ``HDF5TextTable``.
  var hasOrder: Bool { get }
  func column(_ name: String) throws -> HDF5TextTable.Column
  func numbers(_ name: String) throws -> HDF5TextTable.Column
  func texts(of column: HDF5TextTable.Column, rows: Range<Int>) throws -> [String]
  func numbers(of column: HDF5TextTable.Column, rows: Range<Int>) throws -> [Float]
}

extension HDF5TextTable: RowTable {}

/// A table that tells another process, answer by answer, what is asked of it.
///
/// Both ask the same, since both are one program in one state; so the answers need no names.
struct ToldTable: RowTable {
  private let table: HDF5TextTable
  private let pipe: PipeWriter

  /// Opens the file and tells what columns it has.
  init(path: String, to pipe: PipeWriter) throws {
    table = try pipe.tell({ try HDF5TextTable(path: path) }) { table in
      pipe.write(table.names.count)
      for name in table.names { pipe.write(name) }
      pipe.write(table.hasOrder ? 1 : 0)
    }
    self.pipe = pipe
  }

  var path: String { table.path }
  var names: [String] { table.names }
  var hasOrder: Bool { table.hasOrder }

  func column(_ name: String) throws -> HDF5TextTable.Column {
    try pipe.tell({ try table.column(name) }, pipe.write)
  }

  func numbers(_ name: String) throws -> HDF5TextTable.Column {
    try pipe.tell({ try table.numbers(name) }, pipe.write)
  }

  func texts(of column: HDF5TextTable.Column, rows: Range<Int>) throws -> [String] {
    try pipe.tell({ try table.texts(of: column, rows: rows) }) { texts in
      pipe.write(texts.count)
      for text in texts { pipe.write(text) }
    }
  }

  func numbers(of column: HDF5TextTable.Column, rows: Range<Int>) throws -> [Float] {
    try pipe.tell({ try table.numbers(of: column, rows: rows) }) { numbers in
      pipe.write(numbers.count)
      for number in numbers { pipe.write(Int(number.bitPattern)) }
    }
  }
}

/// A table of which another process tells.
struct HeardTable: RowTable {
  let path: String
  let names: [String]
  let hasOrder: Bool
  private let pipe: PipeReader

  /// Hears what columns the file has.
  ///
  /// - Throws: ``DatasetError``, as all that follows.
  init(from pipe: PipeReader) throws {
    (self.pipe, path) = (pipe, pipe.path)
    try pipe.hearError()
    names = try (0..<pipe.count(atMost: 1 << 20)).map { _ in try pipe.text() }
    hasOrder = try pipe.number() != 0
  }

  func column(_ name: String) throws -> HDF5TextTable.Column { try column(named: name) }

  func numbers(_ name: String) throws -> HDF5TextTable.Column { try column(named: name) }

  private func column(named name: String) throws -> HDF5TextTable.Column {
    try pipe.hearError()
    let (rowCount, length) = (try pipe.number(), try pipe.number())
    guard rowCount >= 0, length >= -1 else { throw pipe.broken }
    return .init(name: name, rowCount: rowCount, listLength: length < 0 ? nil : length)
  }

  func texts(of column: HDF5TextTable.Column, rows: Range<Int>) throws -> [String] {
    try pipe.hearError()
    let expected = rows.count * (column.listLength ?? 1)
    guard try pipe.number() == expected else { throw pipe.broken }
    return try (0..<expected).map { _ in try pipe.text() }
  }

  func numbers(of column: HDF5TextTable.Column, rows: Range<Int>) throws -> [Float] {
    try pipe.hearError()
    let expected = rows.count * (column.listLength ?? 1)
    guard try pipe.number() == expected else { throw pipe.broken }
    return try (0..<expected).map { _ in
      Float(bitPattern: UInt32(truncatingIfNeeded: try pipe.number()))
    }
  }
}

/// The end of a pipe that a child writes to.
final class PipeWriter {
  private let descriptor: Int32
  private var waiting: [UInt8] = []

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Tells that something went well and what came of it, or the error.
  ///
  /// - Parameters:
  ///   - body: What is to be done.
  ///   - write: Writes what came of it.
  /// - Returns: The same.
  /// - Throws: What `body` throws.
  func tell<Value>(_ body: () throws -> Value, _ write: (Value) -> Void) throws -> Value {
    do {
      let value = try body()
      self.write(0)
      write(value)
      return value
    } catch {
      let known = error as? DatasetError
      self.write(1)
      self.write(Int(known?.code.number ?? DatasetError.Code.corrupt.number))
      self.write(known?.column ?? "")
      self.write(known?.message ?? "cannot be read")
      throw error
    }
  }

  func write(_ number: Int) {
    withUnsafeBytes(of: number) { waiting += $0 }
    if waiting.count >= 1 << 16 { flush() }
  }

  func write(_ text: String) {
    write(text.utf8.count)
    waiting += text.utf8
  }

  func write(_ column: HDF5TextTable.Column) {
    write(column.rowCount)
    write(column.listLength ?? -1)
  }

  /// Writes bytes as they are, without a length.
  func write(_ bytes: UnsafeRawBufferPointer) {
    flush()
    send(bytes)
  }

  /// Writes what waits; a reader that is gone ends the process.
  func flush() {
    waiting.withUnsafeBytes { send($0) }
    waiting.removeAll(keepingCapacity: true)
  }

  private func send(_ bytes: UnsafeRawBufferPointer) {
    var left = bytes[...]
    while !left.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: left)
      let count = Glibc.write(descriptor, part.baseAddress, part.count)
      if count > 0 { left = left.dropFirst(count) } else if errno != EINTR { _exit(0) }
    }
  }
}

/// The end of a pipe from which a child is heard, that may break at any time and may not be trusted.
final class PipeReader {
  /// The file that the child reads.
  let path: String
  private let descriptor: Int32
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  private var unread = 0..<0

  init(_ descriptor: Int32, path: String) { (self.descriptor, self.path) = (descriptor, path) }

  /// What is thrown when the child is not heard any more, or says what cannot be.
  var broken: DatasetError {
    DatasetError(
      .corrupt, "the file is damaged: libhdf5 breaks while it reads it; copy or write it anew",
      path: path)
  }

  /// Hears whether what follows is an answer; throws the error if it is none.
  func hearError() throws {
    guard try number() != 0 else { return }
    let code = UInt8(exactly: try number()).flatMap(DatasetError.Code.init(number:))
    let (column, message) = (try text(), try text())
    throw DatasetError(
      code ?? .corrupt, message, path: path, column: column.isEmpty ? nil : column)
  }

  func number() throws -> Int {
    var number = 0
    try withUnsafeMutableBytes(of: &number) { target in
      for place in target.indices { target[place] = try byte() }
    }
    return number
  }

  func count(atMost limit: Int) throws -> Int {
    let count = try number()
    guard (0...limit).contains(count) else { throw broken }
    return count
  }

  func text() throws -> String {
    var left = try count(atMost: 1 << 31)
    var bytes: [UInt8] = []
    while left > 0 {
      if unread.isEmpty { try fill() }
      let part = unread.prefix(left)
      bytes += buffer[part]
      unread = part.upperBound..<unread.upperBound
      left -= part.count
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Reads as many bytes as fit, as they are.
  func read(into target: UnsafeMutableRawBufferPointer) throws {
    var done = 0
    while done < target.count {
      if !unread.isEmpty {
        let part = unread.prefix(target.count - done)
        buffer.withUnsafeBytes {
          UnsafeMutableRawBufferPointer(rebasing: target[done...])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[part]))
        }
        unread = part.upperBound..<unread.upperBound
        done += part.count
      } else {
        done += try receive(UnsafeMutableRawBufferPointer(rebasing: target[done...]))
      }
    }
  }

  private func byte() throws -> UInt8 {
    if unread.isEmpty { try fill() }
    defer { unread = unread.lowerBound + 1..<unread.upperBound }
    return buffer[unread.lowerBound]
  }

  private func fill() throws {
    unread = 0..<(try buffer.withUnsafeMutableBytes { try receive($0) })
  }

  /// Reads what there is, at least a byte.
  private func receive(_ target: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      let count = Glibc.read(descriptor, target.baseAddress, target.count)
      if count > 0 { return count }
      guard count < 0, errno == EINTR else { throw broken }
    }
  }
}
