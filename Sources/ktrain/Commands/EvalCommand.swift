public import ArgumentParser
import Encoders
import JSONValues
import Retrieval
import Tensors
public import Training

/// `ktrain eval`.
struct EvalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Measures how well a model retrieves, on BEIR directories.")

  @Argument(help: "The model's directory.")
  var model: String

  @Argument(help: "BEIR directories: corpus.jsonl, queries.jsonl, qrels/<split>.tsv.")
  var data: [String]

  @Option(help: "Which judgements to use: qrels/<split>.tsv.")
  var split = "test"

  @Option(help: "Put in front of every query; default: the model's own prompt.")
  var queryPrompt: String?

  @Option(help: "Put in front of every document; default: the model's own prompt.")
  var corpusPrompt: String?

  @Option(help: "Score functions, cosine or dot; default: the model's own. May be repeated.")
  var scoreFunction: [Recipe.ScoreFunction] = []

  @Option(help: "Texts are cut to so many tokens; default: the model's own.")
  var maxSeqLength: Int?

  @Option(help: "Embeddings are cut to so many elements; default: whole.")
  var truncateDim: Int?

  @Flag(
    help: "Adds F1, recall, precision, mAP, mRR and NDCG at 1, 3, 5, 10 as AutoRAG defines them.")
  var autorag = false

  @Flag(
    help: """
      Adds the same with the reversed ranking of AutoRAG up to 0.2.16, by which tables of that \
      time were made.
      """)
  var autoragCompat = false

  @Option(help: "Also writes the metrics into this file, as JSON.")
  var json: String?

  @Option(help: "Also writes the evaluator's CSV file into this directory.")
  var csv: String?

  @Option(help: "How many threads compute, 0 for all.")
  var threads = 0

  func run() throws {
    try MatrixProduct.open()
    WorkerPool.setThreadCount(threads)
    let encoder = try SentenceEncoder(
      directory: model,
      overrides: .init(maxSequenceLength: maxSeqLength, truncateDimension: truncateDim))
    let line = LiveLine()
    var columns: [Column] = []
    for path in data {
      var settings = Recipe.InformationRetrievalEvaluator()
      settings.path = path
      settings.split = split
      settings.queryPrompt = queryPrompt
      settings.corpusPrompt = corpusPrompt
      settings.scoreFunctions = scoreFunction.isEmpty ? nil : scoreFunction
      let evaluator = try InformationRetrievalEvaluator(settings)
      let rankings = try evaluator.rankings(
        by: encoder, depth: autorag || autoragCompat ? AutoRAGMetrics.cutoffs.max() ?? 0 : 0
      ) {
        line.show("\(path): \(Format.grouped($0)) of \(Format.grouped($1)) texts")
      }
      line.clear()
      let report = try evaluator.report(of: rankings)
      if let csv { try report.appendCSV(to: csv) }
      columns.append(Column(name: path, report: report, tables: tables(rankings)))
    }
    try write(columns)
  }

  /// What is said of one BEIR directory.
  private struct Column {
    let name: String
    let report: InformationRetrievalReport
    let tables: [AutoRAGTable]

    var values: [(key: String, value: Double)] { report.values + tables.flatMap(\.values) }
  }

  private func tables(
    _ rankings: [InformationRetrievalEvaluator.ScoredRankings]
  ) -> [AutoRAGTable] {
    [(autorag, false), (autoragCompat, true)].filter(\.0).flatMap { _, isReversed in
      rankings.map { AutoRAGTable($0, isReversed: isReversed) }
    }
  }

  private func write(_ columns: [Column]) throws {
    let names = columns[0].report.values.map(\.key)
    let rows = names.indices.map { index in
      [names[index]] + columns.map { Format.fixed($0.report.values[index].value, 4) }
    }
    print(Format.table([[""] + columns.map(\.name)] + rows))
    for column in columns {
      for table in column.tables { print("\n\(column.name), \(table.title)\n\(table.text)") }
    }
    guard let json else { return }
    let object = JSONObject(
      columns.map { column in
        (column.name, .object(JSONObject(column.values.map { ($0.key, .number($0.value)) })))
      })
    try OutputFile.write(JSONValue.object(object).text(indent: 2) + "\n", to: json)
  }
}

extension Recipe.ScoreFunction: ExpressibleByArgument {}
