import CHDF5
import Glibc

/// An HDF5 file of embeddings for other programs, written as they come and in place once it is whole.
///
/// It has a dataset `embeddings` `[n, D]` of float32 and, if texts are given, `text` `[n]` of UTF-8.
package final class HDF5VectorFile {
  private let path: String
  private let temporary: String
  private let file: HDF5File
  private let dimension: Int
  private let hasTexts: Bool
  private var count = 0
  private var isFinished = false

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - path: The file; its folder exists. What stands there is replaced by ``finish()``.
  ///   - dimension: The width of an embedding, D, at least 1.
  ///   - hasTexts: Whether each embedding comes with its text.
  ///   - attributes: What is worth knowing of the whole, as `model`.
  /// - Throws: ``DatasetError`` of code `unwritable`.
  package init(
    path: String, dimension: Int, hasTexts: Bool, attributes: KeyValuePairs<String, String> = [:]
  ) throws {
    precondition(dimension > 0, "embeddings of dimension \(dimension)")
    (self.path, self.dimension, self.hasTexts) = (path, dimension, hasTexts)
    temporary = AtomicOutput.temporaryPath(for: path)
    do {
      file = try HDF5File(creating: temporary, path: path)
      for (name, value) in attributes { try file.setAttribute(name, to: value) }
      try file.createGrowing(
        "embeddings", width: dimension, "Row i is the embedding of text i", unit: "1")
      if hasTexts { try file.createGrowing("text", width: nil, "What was encoded", unit: "text") }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  deinit {
    if !isFinished { unlink(temporary) }
  }

  /// Appends embeddings.
  ///
  /// - Parameters:
  ///   - embeddings: `[n, D]`, row after row.
  ///   - texts: `[n]`, if the file has texts.
  /// - Throws: ``DatasetError``, also for a text with a NUL, which HDF5 cannot hold.
  package func append(_ embeddings: UnsafeBufferPointer<Float>, texts: [String] = []) throws {
    let rows = embeddings.count / dimension
    precondition(
      embeddings.count == rows * dimension && texts.count == (hasTexts ? rows : 0),
      "\(embeddings.count) numbers and \(texts.count) texts for embeddings of \(dimension)")
    guard rows > 0 else { return }
    try file.grow(
      "embeddings", shape: [count + rows, dimension], from: count, HDF5ElementType.float32.id,
      UnsafeRawPointer(embeddings.baseAddress))
    if hasTexts { try file.grow("text", from: count, texts) }
    count += rows
  }

  /// Completes the file and gives it its name.
  ///
  /// - Throws: ``DatasetError``; what stood at the path is then as it was.
  package func finish() throws {
    try file.close()
    try AtomicOutput.commit(InputFile(rewriting: temporary, path: path), from: temporary, to: path)
    isFinished = true
  }
}

extension HDF5File {
  /// Creates a dataset without rows, of `width` numbers each or, without a width, of texts.
  fileprivate func createGrowing(
    _ name: String, width: Int?, _ description: String, unit: String
  ) throws {
    try run { work in
      let type = try width == nil ? Self.textType(work) : HDF5ElementType.float32.id
      let widths = width.map { [UInt64($0)] } ?? []
      let space = try work.own(
        H5Screate_simple(Int32(1 + widths.count), [0] + widths, [chdf5_unlimited()] + widths),
        "\(name): no shape")
      let creation = try work.own(H5Pcreate(chdf5_dataset_create()), "no property list")
      // Pieces of about a mebibyte.
      let rows = UInt64(max(1, (1 << 18) / max(4, width ?? 4)))
      try work.check(
        H5Pset_chunk(creation, Int32(1 + widths.count), [rows] + widths), "\(name): no chunks")
      let dataset = try work.own(
        H5Dcreate2(id, name, type, space, chdf5_default(), creation, chdf5_default()),
        "\(name) cannot be created")
      try setAttribute("description", of: dataset, to: description, work)
      try setAttribute("unit", of: dataset, to: unit, work)
    }
  }

  fileprivate func grow(_ name: String, from first: Int, _ texts: [String]) throws {
    try run { work in
      let type = try Self.textType(work)
      try Self.withCStrings(texts, name, work) { pointers in
        try grow(
          name, shape: [first + texts.count], from: first, type, UnsafeRawPointer(pointers))
      }
    }
  }

  /// Gives a dataset a new shape and writes the rows from `first`.
  fileprivate func grow(
    _ name: String, shape: [Int], from first: Int, _ type: hid_t, _ rows: UnsafeRawPointer?
  ) throws {
    try run { work in
      let dataset = try openDataset(name, work)
      try work.check(
        H5Dset_extent(dataset, shape.map(UInt64.init)), "\(name) cannot be made larger")
      let (memory, file) = try select(
        rows: first..<shape[0], of: dataset, shape: shape, name, work)
      try work.check(
        H5Dwrite(dataset, type, memory, file, chdf5_default(), rows),
        "\(name) cannot be written")
    }
  }
}
