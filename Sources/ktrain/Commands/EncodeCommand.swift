import ArgumentParser
import Encoders
import Tensors
import Training

/// `ktrain encode`.
struct EncodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode", abstract: "Turns texts into vectors.",
    discussion: """
      Writes .npy (NumPy, float32), .h5 (HDF5: embeddings and text) or .jsonl (an array on each line) \
      by the ending of --output, or JSONL to standard output. Memory does not grow with the number of \
      texts, and the file has its name only when it is whole.

      Examples:
        ktrain encode MODEL texts.txt --output vectors.npy
        ktrain encode MODEL corpus.jsonl --field text --bf16 --output corpus.h5
        zcat texts.gz | ktrain encode MODEL --normalize --truncate-dim 128 | head
      """)

  @Argument(help: "The model's directory.")
  var model: String

  @Argument(help: "The texts, one on each line; - or nothing: standard input.")
  var file = "-"

  @Option(
    help: """
      Lines are JSON objects, and this is the field of the text; repeated, the texts of those that \
      are there are joined by a space.
      """)
  var field: [String] = []

  @Option(help: "The file to write, .npy, .h5 or .jsonl; default: JSONL to standard output.")
  var output: String?

  @OptionGroup var prompts: PromptOptions

  @Flag(help: "Scales every vector to length 1.")
  var normalize = false

  @Option(help: "Vectors are cut to so many dimensions, before they are scaled; default: whole.")
  var truncateDim: Int?

  @Flag(help: "Computes in bf16: faster where the processor has it, exact to about three digits.")
  var bf16 = false

  @Option(help: "How many tokens are computed at a time.")
  var batchTokens = SentenceEncoder.tokensPerBatch

  @Option(help: "Texts are cut to so many tokens; default: the model's own.")
  var maxSeqLength: Int?

  @OptionGroup var pool: ThreadOptions

  func validate() throws {
    if batchTokens < 1 { throw ValidationError("--batch-tokens: expected 1 or more") }
    if let truncateDim, truncateDim < 1 {
      throw ValidationError("--truncate-dim: expected 1 or more")
    }
  }

  /// Texts that are sorted by length together: so many, and no more than so many bytes of them.
  private static let (textsAtATime, bytesAtATime) = (8192, 16 << 20)

  func run() throws {
    try MatrixProduct.open()
    pool.apply()
    let encoder = try SentenceEncoder(
      directory: model, overrides: .init(maxSequenceLength: maxSeqLength))
    let width = try truncateDim.map { try encoder.checkedWidth($0) } ?? encoder.dimension
    let prompt = try prompts.text(for: encoder.layout)
    let input = try TextInput(path: file, fields: field)
    let writer = try VectorWriter.make(
      for: output,
      .init(
        encoder: encoder, dimension: width, prompt: prompt,
        isNormalized: normalize || encoder.layout.normalizes && width == encoder.dimension))
    StopSignals.install(saying: "")
    let line = LiveLine()
    var meter = ProgressMeter("encoding", unit: "texts", of: nil)
    var (count, tokens, share) = (0, 0, input.share)
    while case let texts = try input.next(Self.textsAtATime, bytes: Self.bytesAtATime),
      !texts.isEmpty
    {
      let ids = encoder.tokenize(texts, prompt: prompt)
      let total = ids.reduce(0) { $0 + $1.ids.count }
      let (before, after) = (share, input.share)
      share = after
      let vectors = try encoder.encode(
        ids, tokensPerBatch: batchTokens, precision: bf16 ? .bf16 : .fp32
      ) { done in
        if let signal = StopSignals.received { throw Interruption(signal: signal) }
        let part = Double(done) / Double(texts.count)
        meter.update(done: count + done, tokens: tokens + Int(part * Double(total)))
        let share = before.flatMap { before in after.map { before + part * ($0 - before) } }
        line.show { [meter] in meter.parts($0, share: share) }
      }.truncated(to: width)
      try writer.append(normalize ? vectors.normalizedRows().rows : vectors, of: texts)
      (count, tokens) = (count + texts.count, tokens + total)
    }
    line.clear()
    try writer.finish()
  }
}
