public import ArgumentParser
import Encoders
import FoundationEssentials
import Retrieval
import Tensors
public import Training

/// `ktrain eval`.
struct EvalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Measures how well models retrieve, on BEIR directories.",
    discussion: """
      The metrics of sentence-transformers' InformationRetrievalEvaluator. Several models stand side by \
      side; of two, the change from the first to the second is shown. In place of a model there may be \
      a directory of vectors that any program has made: queries.npy and corpus.npy (float32) or .h5 \
      (dataset embeddings), a row for each line of queries.jsonl and corpus.jsonl.

      Examples:
        ktrain eval checkpoints/quickstart/final data/apt-descriptions/dev
        ktrain eval BASE checkpoints/quickstart/final dev-a dev-b --csv
        ktrain eval MODEL VECTORS dev --truncate-dim 128 --output metrics.json
      """)

  @Argument(
    help: ArgumentHelp(
      """
      Models, then BEIR directories (corpus.jsonl, queries.jsonl, qrels/<split>.tsv). A path after \
      the first is a model if it holds one.
      """, valueName: "model... data"))
  var paths: [String]

  @Option(help: "Which judgements to use: qrels/<split>.tsv.")
  var split = "test"

  @Option(help: "Put in front of every query; default: the model's own prompt.")
  var queryPrompt: String?

  @Option(help: "Put in front of every document; default: the model's own prompt.")
  var corpusPrompt: String?

  @Option(help: "Score functions, cosine or dot; default: the model's own. May be repeated.")
  var scoreFunction: [Recipe.ScoreFunction] = []

  @Option(help: "Embeddings are cut to so many dimensions; default: whole.")
  var truncateDim: Int?

  @Option(help: "Texts are cut to so many tokens; default: the model's own.")
  var maxSeqLength: Int?

  @Flag(
    help: "Adds F1, recall, precision, mAP, mRR and NDCG at 1, 3, 5, 10 as AutoRAG defines them.")
  var autorag = false

  @Flag(
    help: """
      Adds the same with the reversed ranking of AutoRAG up to 0.2.16, by which tables of that \
      time were made.
      """)
  var autoragCompat = false

  @Flag(help: "Prints one JSON object instead of the table.")
  var json = false

  @Flag(help: "Prints CSV instead of the table: a line for each model and data set.")
  var csv = false

  @Option(help: "Also writes the metrics into this file, .json or .csv.")
  var output: String?

  @OptionGroup var pool: ThreadOptions

  func validate() throws {
    if paths.count < 2 { throw ValidationError("expected a model and a BEIR directory") }
    if json && csv { throw ValidationError("--json and --csv exclude each other; keep one") }
    if let truncateDim, truncateDim < 1 {
      throw ValidationError("--truncate-dim: expected 1 or more")
    }
    if let output, !output.hasSuffix(".json"), !output.hasSuffix(".csv") {
      throw ValidationError("--output: expected a name that ends in .json or .csv")
    }
  }

  func run() throws {
    try MatrixProduct.open()
    pool.apply()
    let models = [paths[0]] + paths.dropFirst().filter(Self.isModel)
    let data = paths.dropFirst().filter { !Self.isModel($0) }
    guard !data.isEmpty else {
      throw InputError("\(paths.last ?? "") is a model; expected a BEIR directory after the models")
    }
    let evaluators = try data.map { try InformationRetrievalEvaluator(settings($0)) }
    var measured: [[EvaluationTable.Cell]] = []
    for model in models {
      measured.append(try measure(model, evaluators))
    }
    let table = EvaluationTable(models: models, data: data, cells: measured)
    print(json ? table.json : csv ? table.csv : table.text, terminator: csv ? "" : "\n")
    if let output {
      let text = output.hasSuffix(".csv") ? table.csv : table.json + "\n"
      try OutputFile.write(text, to: output)
    }
  }

  /// Whether a directory holds a model or vectors in place of one.
  private static func isModel(_ path: String) -> Bool {
    let manager = FileManager.default
    return VectorDirectory.isDirectory(path)
      || ["config.json", "modules.json"].contains { manager.fileExists(atPath: path + "/" + $0) }
  }

  private func settings(_ path: String) -> Recipe.InformationRetrievalEvaluator {
    var settings = Recipe.InformationRetrievalEvaluator()
    settings.path = path
    settings.split = split
    settings.queryPrompt = queryPrompt
    settings.corpusPrompt = corpusPrompt
    settings.scoreFunctions = scoreFunction.isEmpty ? nil : scoreFunction
    settings.truncateDim = truncateDim
    return settings
  }

  private func measure(
    _ model: String, _ evaluators: [InformationRetrievalEvaluator]
  ) throws -> [EvaluationTable.Cell] {
    let line = LiveLine()
    defer { line.clear() }
    let depth = autorag || autoragCompat ? AutoRAGMetrics.cutoffs.max() ?? 0 : 0
    let vectors = VectorDirectory.isDirectory(model) ? try VectorDirectory(model) : nil
    let encoder =
      try vectors == nil
      ? SentenceEncoder(directory: model, overrides: .init(maxSequenceLength: maxSeqLength)) : nil
    return try evaluators.map { evaluator in
      var meter: ProgressMeter?
      func progress(_ done: Int, _ total: Int) {
        var current =
          meter
          ?? ProgressMeter(
            "\(model) on \(evaluator.settings.path)", unit: "texts", done: done, of: total)
        current.update(done: done)
        meter = current
        line.show { [current] in current.parts($0) }
      }
      let rankings =
        if let encoder {
          try evaluator.rankings(by: encoder, depth: depth, progress: progress)
        } else if let vectors {
          try evaluator.rankings(by: vectors, depth: depth, progress: progress)
        } else {
          preconditionFailure("\(model) is neither a model nor vectors")
        }
      return .init(report: try evaluator.report(of: rankings), tables: tables(rankings))
    }
  }

  private func tables(
    _ rankings: [InformationRetrievalEvaluator.ScoredRankings]
  ) -> [AutoRAGTable] {
    [(autorag, false), (autoragCompat, true)].filter(\.0).flatMap { _, isReversed in
      rankings.map { AutoRAGTable($0, isReversed: isReversed) }
    }
  }
}

extension Recipe.ScoreFunction: ExpressibleByArgument {}
