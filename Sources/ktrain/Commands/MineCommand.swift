public import ArgumentParser
import JSONValues
public import Retrieval
import Training

/// `ktrain mine`.
struct MineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mine", abstract: "Adds hard negatives to pairs of anchor and positive.",
    discussion: """
      For each query the documents nearest to it that are not its positives, as \
      sentence-transformers' mine_hard_negatives finds them. Rows with the same anchor are one query \
      with several positives. Writes rows as JSONL: triplets and n-tuples are a train_dataset. The \
      statistics go to standard error.

      Examples:
        ktrain mine MODEL train.jsonl --relative-margin 0.05 --output mined.jsonl
        ktrain mine MODEL train.jsonl --corpus more.txt --num-negatives 5
        ktrain mine TEACHER train.jsonl --output-format n-tuple --output-scores --output taught.jsonl
      """)

  @Argument(help: "The model's directory.")
  var model: String

  @Argument(help: "The data set: JSONL, JSON, CSV, TSV, HDF5 or a BEIR directory.")
  var dataset: String

  @OptionGroup(title: "Filters") var filters: MiningFilters

  @Option(help: "How rows are made up.")
  var outputFormat = MinedNegatives.OutputFormat.triplet

  @Flag(
    help: """
      Adds the documents' scores, or puts them in place of labels: what MarginMSELoss and \
      DistillKLDivLoss learn from.
      """)
  var outputScores = false

  @Flag(help: "Takes positives for candidates too; rows are n-tuples.")
  var includePositives = false

  @Option(help: "Put in front of every query; default: the model's own prompt.")
  var queryPrompt: String?

  @Option(help: "Put in front of every document; default: the model's own prompt.")
  var corpusPrompt: String?

  @Option(help: "More documents, one on each line; empty lines are skipped.")
  var corpus: String?

  @Option(help: "Lines of the corpus are JSON objects, and this is the field of the text.")
  var corpusField: String?

  @Option(help: "The column of the queries; default: the first.")
  var anchorColumn: String?

  @Option(help: "The column of their documents; default: the second.")
  var positiveColumn: String?

  @Option(help: "The file to write, .jsonl; default: standard output.")
  var output: String?

  @OptionGroup var options: StoreOptions

  func validate() throws {
    if let output, !output.hasSuffix(".jsonl") {
      throw ValidationError("--output: expected a name that ends in .jsonl")
    }
    if corpusField != nil && corpus == nil {
      throw ValidationError("--corpus-field: there is no --corpus")
    }
  }

  func run() throws {
    try options.open()
    var settings = MiningRun.Settings(model: model)
    settings.anchorColumn = anchorColumn
    settings.positiveColumn = positiveColumn
    settings.queryPrompt = queryPrompt
    settings.corpusPrompt = corpusPrompt
    settings.outputScores = outputScores
    settings.store = options.store
    settings.mining = filters.mining
    settings.mining.outputFormat = outputFormat
    settings.mining.includePositives = includePositives
    let run = try MiningRun(
      settings, dataset: options.dataset(dataset), corpus: try corpusTexts())
    let file = try OutputFile(path: output)
    let display = TrainingDisplay()
    let mined = try run.run { display.receive($0) }
    display.clear()
    StandardError.write(mined.statistics.lines.joined(separator: "\n") + "\n")
    guard !mined.isEmpty else {
      throw InputError("\(dataset): there is no row with enough negatives; nothing is written")
    }
    for row in mined { file.write(JSONValue.object(row).text() + "\n") }
    try file.finish()
    if let output { StandardError.write("\(Format.grouped(mined.count)) rows in \(output)\n") }
  }

  private func corpusTexts() throws -> [String] {
    guard let corpus else { return [] }
    let input = try TextInput(path: corpus, fields: corpusField.map { [$0] } ?? [])
    var texts: [String] = []
    while let text = try input.next() {
      if corpusField != nil || !text.isEmpty { texts.append(text) }
    }
    return texts
  }
}

/// The options by which negatives are chosen.
struct MiningFilters: ParsableArguments {
  @Option(parsing: .unconditional, help: "A negative's cosine plus this is at most the positive's.")
  var absoluteMargin: Double?

  @Option(
    parsing: .unconditional,
    help: "A negative's cosine is at most the positive's less this share of it, such as 0.05.")
  var relativeMargin: Double?

  @Option(parsing: .unconditional, help: "The largest cosine of a negative.")
  var maxScore: Double?

  @Option(parsing: .unconditional, help: "The smallest cosine of a negative.")
  var minScore: Double?

  @Option(help: "How many of the nearest candidates are skipped.")
  var rangeMin = 0

  @Option(
    help: "The rank after which there are no candidates; default: as many as the filters need.")
  var rangeMax: Int?

  @Option(help: "How many negatives each query gets, at most.")
  var numNegatives = 3

  @Option(help: "How they are chosen among the candidates.")
  var samplingStrategy = HardNegativeMining.SamplingStrategy.top

  @Option(help: "Where the random choice comes from.")
  var seed: UInt64 = 42

  func validate() throws {
    if numNegatives < 1 { throw ValidationError("--num-negatives: expected 1 or more") }
    if rangeMin < 0 { throw ValidationError("--range-min: expected 0 or more") }
  }

  /// The same in the library's words.
  var mining: HardNegativeMining {
    var mining = HardNegativeMining()
    mining.absoluteMargin = absoluteMargin
    mining.relativeMargin = relativeMargin
    mining.maxScore = maxScore
    mining.minScore = minScore
    mining.rangeMin = rangeMin
    mining.rangeMax = rangeMax
    mining.numNegatives = numNegatives
    mining.samplingStrategy = samplingStrategy
    mining.seed = seed
    return mining
  }
}

extension HardNegativeMining.SamplingStrategy: ExpressibleByArgument {}
extension MinedNegatives.OutputFormat: ExpressibleByArgument {}
