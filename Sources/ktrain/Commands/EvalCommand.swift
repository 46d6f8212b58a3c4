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
      directory: model, overrides: .init(maxSequenceLength: maxSeqLength))
    let line = LiveLine()
    var columns: [(name: String, values: [(key: String, value: Double)])] = []
    for path in data {
      var settings = Recipe.InformationRetrievalEvaluator()
      settings.path = path
      settings.split = split
      settings.queryPrompt = queryPrompt
      settings.corpusPrompt = corpusPrompt
      settings.scoreFunctions = scoreFunction.isEmpty ? nil : scoreFunction
      let report = try InformationRetrievalEvaluator(settings).evaluate(encoder) {
        line.show("\(path): \(Format.grouped($0)) of \(Format.grouped($1)) texts")
      }
      line.clear()
      if let csv { try report.appendCSV(to: csv) }
      columns.append((path, report.values))
    }
    try write(columns)
  }

  private func write(
    _ columns: [(name: String, values: [(key: String, value: Double)])]
  ) throws {
    let rows = columns[0].values.indices.map { index in
      [columns[0].values[index].key] + columns.map { Format.fixed($0.values[index].value, 4) }
    }
    print(Format.table([[""] + columns.map(\.name)] + rows))
    guard let json else { return }
    let object = JSONObject(
      columns.map { name, values in
        (name, .object(JSONObject(values.map { ($0.key, .number($0.value)) })))
      })
    try OutputFile.write(JSONValue.object(object).text(indent: 2) + "\n", to: json)
  }
}

extension Recipe.ScoreFunction: ExpressibleByArgument {}
