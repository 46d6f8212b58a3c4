import ArgumentParser
import Encoders
import Tensors

/// `ktrain model`.
struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model", abstract: "Makes model directories.",
    discussion: """
      Example:
        ktrain model random recipes/shapes/bge-m3.json OUT --tokenizer DIR
      """, subcommands: [Random.self])

  struct Random: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "random",
      abstract: "Makes a model with random weights, for rehearsals at full size.",
      discussion: """
        Takes the shape of a config.json (recipes/shapes has those of XLM-RoBERTa large and \
        multilingual-e5-small) and the tokenizer of any model whose ids fit.

        Example:
          ktrain model random recipes/shapes/bge-m3.json OUT --tokenizer DIR
        """)

    @Argument(help: "A config.json, or a directory that holds one.")
    var config: String

    @Argument(help: "The directory to make.")
    var output: String

    @Option(help: "A directory with a tokenizer's files; default: where CONFIG is.")
    var tokenizer: String?

    @Option(help: "How tokens become one vector: mean or cls.")
    var pooling = "mean"

    @Flag(inversion: .prefixedNo, help: "Whether embeddings are scaled to length 1.")
    var normalize = true

    @Option(help: "Texts are cut to so many tokens; default: as many as there are positions.")
    var maxSeqLength: Int?

    @Option(help: "Where the random numbers come from.")
    var seed: UInt64 = 0

    func validate() throws {
      guard PoolingMode(rawValue: pooling) != nil else {
        throw ValidationError("--pooling: expected mean or cls, found \(pooling)")
      }
    }

    func run() throws {
      let parent = config.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        .joined(separator: "/")
      let beside = config.hasSuffix(".json") ? (parent.isEmpty ? "." : parent) : config
      let summary = try RandomModel.write(
        configuration: config, tokenizer: tokenizer ?? beside, to: output,
        overrides: .init(
          maxSequenceLength: maxSeqLength, pooling: PoolingMode(rawValue: pooling),
          normalizes: normalize), seed: seed)
      let shape = summary.configuration
      print(
        """
        \(output): \(Format.grouped(summary.parameterCount)) random weights, \(shape.modelType) of \
        \(shape.layerCount) layers of \(shape.width), \(Format.grouped(shape.vocabularySize)) \
        word embeddings
        """)
    }
  }
}
