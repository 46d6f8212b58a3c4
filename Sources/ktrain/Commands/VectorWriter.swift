import Checkpoints
import Datasets
import Encoders
import FoundationEssentials
import Glibc
import Tensors

/// Takes vectors a block at a time.
protocol VectorWriting {
  /// Appends `[texts, dimension]`.
  func append(_ vectors: Tensor, of texts: [String]) throws
  /// Puts the file in its place. Without it nothing is left.
  func finish() throws
}

/// Makes writers by the ending of a path.
enum VectorWriter {
  static func make(
    for path: String?, encoder: SentenceEncoder, prompt: String
  ) throws -> any VectorWriting {
    guard let path else { return JSONLWriter(file: try OutputFile(path: nil)) }
    if path.hasSuffix(".jsonl") { return JSONLWriter(file: try OutputFile(path: path)) }
    if path.hasSuffix(".npy") { return try NPYWriter(path: path, dimension: encoder.dimension) }
    if path.hasSuffix(".h5") { return try HDF5Writer(path: path, encoder, prompt: prompt) }
    throw InputError("\(path): expected a name that ends in .npy, .h5 or .jsonl")
  }
}

/// A JSON array on each line, every number with the digits that read back to the same float.
private struct JSONLWriter: VectorWriting {
  let file: OutputFile

  func append(_ vectors: Tensor, of texts: [String]) throws {
    vectors.withElements { elements in
      for row in 0..<vectors.rowCount {
        let numbers = elements[row * vectors.width..<(row + 1) * vectors.width]
        file.write("[" + numbers.map { String(describing: $0) }.joined(separator: ", ") + "]\n")
      }
    }
    try file.check()
  }

  func finish() throws { try file.finish() }
}

/// NumPy's format 1.0, little-endian float32 in rows; the header is written again when the number of
/// rows is known.
private final class NPYWriter: VectorWriting {
  private let file: OutputFile
  private let dimension: Int
  private var count = 0

  init(path: String, dimension: Int) throws {
    file = try OutputFile(path: path)
    self.dimension = dimension
    file.write(header)
  }

  private var header: [UInt8] {
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(count), \(dimension)), }"
    let padding = String(repeating: " ", count: 128 - 10 - 1 - text.utf8.count)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array((text + padding + "\n").utf8)
  }

  func append(_ vectors: Tensor, of texts: [String]) throws {
    vectors.withElements { file.write(UnsafeRawBufferPointer($0)) }
    count += vectors.rowCount
    try file.check()
  }

  func finish() throws {
    file.rewind()
    file.write(header)
    try file.finish()
  }
}

/// Embeddings and texts, with attributes that say what they were made by.
private struct HDF5Writer: VectorWriting {
  private let file: HDF5VectorFile

  init(path: String, _ encoder: SentenceEncoder, prompt: String) throws {
    file = try HDF5VectorFile(
      path: path, dimension: encoder.dimension, hasTexts: true,
      attributes: [
        "model": encoder.directory, "prompt": prompt,
        "max_seq_length": String(encoder.maxSequenceLength),
        "normalized": encoder.layout.normalizes && encoder.description.truncateDimension == nil
          ? "true" : "false",
      ])
  }

  func append(_ vectors: Tensor, of texts: [String]) throws {
    try vectors.withElements { elements in try file.append(elements, texts: texts) }
  }

  func finish() throws { try file.finish() }
}
