internal import Checkpoints
internal import FoundationEssentials
internal import Glibc
internal import JSONValues
internal import Tokenizers

/// A model with random weights, for rehearsals at full size without the real one.
public enum RandomModel {
  /// What was made.
  public struct Summary: Sendable {
    /// How many weights there are.
    public let parameterCount: Int
    /// The model's shape.
    public let configuration: TransformerConfiguration
  }

  /// Writes a model directory in the layout of sentence-transformers, as transformers initialises a
  /// new model: matrices and tables from a normal distribution of `initializer_range`, the padding
  /// token's rows 0, LayerNorm 1 and 0, biases 0.
  ///
  /// Equal arguments give equal files. The weights go to the disk as they are drawn, so that memory
  /// does not grow with the model. A directory that is there is not replaced.
  ///
  /// - Parameters:
  ///   - configuration: A `config.json`, or a directory that holds one.
  ///   - tokenizer: A directory with a tokenizer's files; its ids must be below `vocab_size`.
  ///   - target: The directory to make.
  ///   - overrides: Length, pooling and normalization.
  ///   - seed: Where the random numbers come from.
  /// - Returns: What was made.
  /// - Throws: ``EncoderError``, `TokenizerError` or `CheckpointError`, each naming the file.
  public static func write(
    configuration: String, tokenizer: String, to target: String,
    overrides: ModelDescription.Overrides = .init(), seed: UInt64 = 0
  ) throws -> Summary {
    guard !fileExists(target) else {
      throw EncoderError(
        .malformed, "is there already: choose another directory or remove it",
        path: absolute(target))
    }
    var summary: Summary?
    try AtomicDirectory.write(to: target, manifest: false) { directory in
      // A directory of the files that a description is read from, gone before the model is whole.
      let source = directory + "/.source"
      let file = try gather(configuration, tokenizer, in: source)
      let description: ModelDescription
      do { description = try ModelDescription(directory: source, overrides: overrides) } catch let
        error as EncoderError
      {
        // The tokenizer has been read, so it is about the configuration.
        throw EncoderError(error.code, error.message, path: file, field: error.field)
      }
      try description.write(to: directory)
      let deviation =
        try ConfigurationFile(contentsOf: source + "/config.json")
        .number(ifPresent: "initializer_range") ?? 0.02
      let width = description.dimension
      // The pooler is of no use here, but transformers would miss it.
      let shapes =
        description.configuration.parameterShapes + [
          .init(name: "pooler.dense.weight", shape: [width, width]),
          .init(name: "pooler.dense.bias", shape: [width]),
        ]
      try Safetensors.write(
        shapes.enumerated().map { index, shape in
          shape.entry(deviation: Float(deviation), seed: seed &+ UInt64(index) << 32)
        }, to: directory + "/model.safetensors")
      try FileManager.default.removeItem(atPath: source)
      summary = Summary(
        parameterCount: shapes.reduce(0) { $0 + $1.shape.reduce(1, *) },
        configuration: description.configuration)
    }
    guard let summary else { preconditionFailure("RandomModel: nothing was written") }
    return summary
  }

  /// Copies the files, and returns the path of the configuration.
  private static func gather(
    _ configuration: String, _ tokenizer: String, in source: String
  ) throws -> String {
    _ = try Tokenizer(contentsOf: tokenizer)  // a fault is reported by its own path
    let manager = FileManager.default
    try manager.createDirectory(atPath: source, withIntermediateDirectories: true)
    var isDirectory = false
    _ = manager.fileExists(atPath: configuration, isDirectory: &isDirectory)
    let file = isDirectory ? configuration + "/config.json" : configuration
    let value = try ConfigurationFile(contentsOf: file).value
    try AtomicFile.write(value.text(indent: 2) + "\n", to: source + "/config.json")
    for name in ModelDescription.tokenizerFiles where fileExists(tokenizer + "/" + name) {
      do {
        try manager.copyItem(atPath: tokenizer + "/" + name, toPath: source + "/" + name)
      } catch {
        throw EncoderError(.missing, "cannot be copied", path: absolute(tokenizer + "/" + name))
      }
    }
    return absolute(file)
  }
}

extension TransformerConfiguration.ParameterShape {
  /// The parameter's first values, drawn while they are written.
  fileprivate func entry(deviation: Float, seed: UInt64) -> Safetensors.Entry {
    let constant: Float? = shape.count > 1 ? nil : name.hasSuffix("LayerNorm.weight") ? 1 : 0
    let (rows, width) = (shape.count > 1 ? shape[0] : 1, shape[shape.count - 1])
    return Safetensors.Entry(name: name, dtype: .f32, shape: shape) { write in
      var normal = NormalNumbers(seed: seed)
      var row = [Float](repeating: constant ?? 0, count: width)
      for index in 0..<rows {
        if constant == nil {
          for column in row.indices { row[column] = deviation * normal.next() }
          if let padding, index == Int(padding) { row = [Float](repeating: 0, count: width) }
        }
        try row.withUnsafeBytes(write)
      }
    }
  }
}

/// Numbers of the standard normal distribution, by Box and Muller (1958) from SplitMix64 (Steele et
/// al., 2014).
struct NormalNumbers {
  private var state: UInt64
  private var spare: Float?

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

  mutating func next() -> Float {
    if let spare {
      self.spare = nil
      return spare
    }
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    // 24 bits each; the first is never 0, whose logarithm is infinite.
    let first = (Float(z >> 40) + 0.5) / Float(1 << 24)
    let angle = 2 * Float.pi * Float(z & 0xFF_FFFF) / Float(1 << 24)
    let radius = (-2 * logf(first)).squareRoot()
    spare = radius * sinf(angle)
    return radius * cosf(angle)
  }
}
