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
  /// What is written, for a file that can say so.
  struct Contents {
    let encoder: SentenceEncoder
    let dimension: Int
    let prompt: String
    let isNormalized: Bool
  }

  static func make(for path: String?, _ contents: Contents) throws -> any VectorWriting {
    guard let path else { return JSONLWriter(file: try OutputFile(path: nil)) }
    if path.hasSuffix(".jsonl") { return JSONLWriter(file: try OutputFile(path: path)) }
    if path.hasSuffix(".npy") { return try NPYWriter(path: path, dimension: contents.dimension) }
    if path.hasSuffix(".h5") { return try HDF5Writer(path: path, contents) }
    throw InputError("\(path): expected a name that ends in .npy, .h5 or .jsonl")
  }
}

/// A JSON array on each line, every number with the digits that read back to the same float.
private struct JSONLWriter: VectorWriting {
  let file: OutputFile

  func append(_ vectors: Tensor, of texts: [String]) throws {
    // A block's lines are made by all threads and written in order.
    let (width, block) = (vectors.width, 256)
    var lines = [[UInt8]](repeating: [], count: (vectors.rowCount + block - 1) / block)
    lines.withUnsafeMutableBufferPointer { lines in
      nonisolated(unsafe) let lines = lines
      vectors.withElements { elements in
        WorkerPool.forEachBlock(of: vectors.rowCount, size: block) { rows in
          var bytes: [UInt8] = []
          for row in rows {
            for column in 0..<width {
              bytes.append(contentsOf: column == 0 ? [0x5B] : [0x2C, 0x20])
              bytes.append(contentsOf: elements[row * width + column].description.utf8)
            }
            bytes.append(contentsOf: [0x5D, 0x0A])
          }
          lines[rows.lowerBound / block] = bytes
        }
      }
    }
    for bytes in lines { file.write(bytes) }
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

  init(path: String, _ contents: VectorWriter.Contents) throws {
    file = try HDF5VectorFile(
      path: path, dimension: contents.dimension, hasTexts: true,
      attributes: [
        "model": contents.encoder.directory, "prompt": contents.prompt,
        "max_seq_length": String(contents.encoder.maxSequenceLength),
        "normalized": contents.isNormalized ? "true" : "false",
      ])
  }

  func append(_ vectors: Tensor, of texts: [String]) throws {
    try vectors.withElements { elements in try file.append(elements, texts: texts) }
  }

  func finish() throws { try file.finish() }
}
