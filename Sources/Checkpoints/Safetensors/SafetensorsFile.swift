import Glibc

/// A safetensors file mapped into memory: reading a tensor costs the pages that it touches.
///
/// Everything the header says is checked when the file is opened, so that every view lies inside
/// the file. The file must not be truncated while it is open; replacing it by a rename, as
/// ``Safetensors/write(_:metadata:to:)`` does, leaves the views as they were.
///
/// Reference: <https://github.com/huggingface/safetensors#format>.
public final class SafetensorsFile: Sendable {
  /// The absolute path of the file.
  public let path: String
  /// The free text of the header, often `["format": "pt"]`.
  public let metadata: [String: String]
  /// The tensors' names in the order of their bytes.
  public let names: [String]

  private let mapping: MappedFile
  private let views: [[UInt8]: TensorView]

  /// Opens a file and checks its header.
  ///
  /// - Throws: ``CheckpointError`` that names the path and, where it is one tensor's fault, the
  ///   tensor: a truncated file, a header that is no JSON object, is longer than the file or than
  ///   100 MB, duplicate names, an unknown dtype, a shape that does not fit its bytes, and bytes
  ///   that overlap, leave holes or do not end where the file ends.
  public init(contentsOf path: String) throws(CheckpointError) {
    mapping = try MappedFile(path)
    let header = try SafetensorsHeader(parsing: mapping.bytes, path: path)
    let absolute = absolutePath(path)
    self.path = absolute
    metadata = header.metadata
    names = header.entries.map(\.name)
    var views: [[UInt8]: TensorView] = [:]
    for entry in header.entries {
      let start = header.dataStart + entry.offsets.lowerBound
      views[Array(entry.name.utf8)] = TensorView(
        name: entry.name, dtype: entry.dtype, shape: entry.shape, path: absolute, mapping: mapping,
        range: start..<start + entry.offsets.count)
    }
    self.views = views
  }

  /// How many bytes the file had when it was opened.
  var size: Int { mapping.bytes.count }

  /// The tensor of that name, compared by its bytes; nil if there is none.
  public func tensor(_ name: String) -> TensorView? { views[Array(name.utf8)] }

  /// The elements of a tensor in single precision.
  ///
  /// - Throws: ``CheckpointError`` if there is no tensor of that name, or it is of a type that is
  ///   not converted; see ``TensorView/floats()``.
  public func floats(_ name: String) throws(CheckpointError) -> [Float] {
    guard let view = tensor(name) else {
      throw CheckpointError(.tensor, path, tensor: name, "is not in the file")
    }
    return try view.floats()
  }
}

/// One tensor in a mapped file; keeps the mapping alive.
public struct TensorView: Sendable {
  /// The tensor's name.
  public let name: String
  /// The type of its elements.
  public let dtype: SafetensorsDType
  /// Its dimensions, the last one contiguous; empty for a scalar.
  public let shape: [Int]
  /// The absolute path of the file.
  public let path: String

  let mapping: MappedFile
  let range: Range<Int>

  /// How many elements it has.
  public var count: Int { shape.reduce(1, *) }

  /// How many bytes it takes.
  public var byteCount: Int { range.count }

  /// Calls `body` with the tensor's bytes, little-endian and perhaps unaligned, which must not be
  /// used after it returns.
  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withExtendedLifetime(mapping) { () throws(Failure) -> Result in
      try body(UnsafeRawBufferPointer(rebasing: mapping.bytes[range]))
    }
  }
}

extension TensorView {
  /// Gives the memory that reading the tensor took back to the system; whoever reads it again has it
  /// read from the file again.
  ///
  /// Whoever has copied the weights of a model would otherwise hold them twice.
  public func releasePages() {
    guard let start = mapping.bytes.baseAddress, !range.isEmpty else { return }
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let first = range.lowerBound / page * page  // a neighbour's part of the page, too
    madvise(
      UnsafeMutableRawPointer(mutating: start + first), range.upperBound - first, MADV_DONTNEED)
  }
}

/// A whole file in memory, read only, until the last view of it is gone.
final class MappedFile: @unchecked Sendable {  // never written after init
  let bytes: UnsafeRawBufferPointer

  init(_ path: String) throws(CheckpointError) {
    let file = try FileDescriptor(path, O_RDONLY, "cannot be opened")
    let status = try file.status()
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw CheckpointError(.system, path, "is not a regular file")
    }
    guard status.st_size > 0 else {  // cannot be mapped
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    let size = Int(status.st_size)
    guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, file.number, 0), start != MAP_FAILED
    else { throw systemError("cannot be mapped into memory", path) }
    bytes = UnsafeRawBufferPointer(start: start, count: size)
  }

  deinit {
    guard let start = bytes.baseAddress else { return }
    munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
  }
}
