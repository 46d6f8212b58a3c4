import ArgumentParser
import Encoders
import Tensors

/// `ktrain encode`.
struct EncodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode", abstract: "Turns texts into vectors.",
    discussion: """
      Writes .npy (NumPy, float32), .h5 (HDF5: embeddings and text) or .jsonl (an array on each line) \
      by the ending of --output, or JSONL to standard output. Memory does not grow with the number of texts.
      """)

  @Argument(help: "The model's directory.")
  var model: String

  @Argument(help: "The texts, one on each line; - or nothing: standard input.")
  var file = "-"

  @Option(help: "Lines are JSON objects, and this is the field of the text.")
  var field: String?

  @Option(help: "The file to write, .npy, .h5 or .jsonl.")
  var output: String?

  @Option(help: "Put in front of every text.")
  var prompt = ""

  @Option(help: "How many tokens are computed at a time.")
  var batchTokens = SentenceEncoder.tokensPerBatch

  @Option(help: "Texts are cut to so many tokens; default: the model's own.")
  var maxSeqLength: Int?

  @Option(help: "Vectors are cut to so many elements; default: whole.")
  var truncateDim: Int?

  @Option(help: "How many threads compute, 0 for all.")
  var threads = 0

  func validate() throws {
    if batchTokens < 1 { throw ValidationError("--batch-tokens: expected 1 or more") }
    if threads < 0 { throw ValidationError("--threads: expected 0 or more") }
  }

  /// Texts that are sorted by length together.
  private static let textsAtATime = 8192

  func run() throws {
    try MatrixProduct.open()
    WorkerPool.setThreadCount(threads)
    let encoder = try SentenceEncoder(
      directory: model,
      overrides: .init(maxSequenceLength: maxSeqLength, truncateDimension: truncateDim))
    let input = try TextInput(path: file, field: field)
    let writer = try VectorWriter.make(for: output, encoder: encoder, prompt: prompt)
    let line = LiveLine()
    var count = 0
    while case let texts = try input.next(Self.textsAtATime), !texts.isEmpty {
      let vectors = encoder.encode(texts, prompt: prompt, tokensPerBatch: batchTokens) {
        line.show("\(Format.grouped(count + $0)) texts")
      }
      try writer.append(vectors, of: texts)
      count += texts.count
    }
    line.clear()
    try writer.finish()
  }
}
