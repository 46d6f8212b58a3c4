import ArgumentParser
import Datasets
import Glibc
import JSONValues
import Retrieval
import Training

/// `ktrain search`.
struct SearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search", abstract: "Finds the texts nearest to a query.",
    discussion: """
      With queries it answers them and ends; without, it reads one from each line of standard input, \
      at a prompt if that is a terminal. The corpus is embedded once and kept in the store: the second \
      start takes no longer than reading it.

      Examples:
        ktrain search checkpoints/quickstart/final data/dev "edit photos"
        ktrain search MODEL notes.txt
        ktrain search MODEL train.jsonl --field positive --json < queries.txt
      """)

  @Argument(help: "The model's directory.")
  var model: String

  @Argument(
    help: """
      The texts: a file with one on each line, a .jsonl file with one in each object, both also \
      .gz, or a BEIR directory.
      """)
  var corpus: String

  @Argument(help: "What to look for; default: each line of standard input.")
  var queries: [String] = []

  @Option(
    help: """
      Lines are JSON objects, and this is the field of the text; repeated, texts are joined by a \
      space. Default for .jsonl: title and text.
      """)
  var field: [String] = []

  @Option(help: "How many texts are shown for each query.")
  var topK = 5

  @Option(help: "Put in front of every query; default: the model's own prompt.")
  var queryPrompt: String?

  @Option(help: "Put in front of every text; default: the model's own prompt.")
  var corpusPrompt: String?

  @Option(help: "Embeddings are cut to so many dimensions; default: whole.")
  var truncateDim: Int?

  @Option(help: "Texts are cut to so many tokens; default: the model's own.")
  var maxSeqLength: Int?

  @Flag(help: "Prints a JSON object on a line for each query, with whole texts.")
  var json = false

  @OptionGroup var options: StoreOptions

  func validate() throws {
    if topK < 1 { throw ValidationError("--top-k: expected 1 or more") }
    if let truncateDim, truncateDim < 1 {
      throw ValidationError("--truncate-dim: expected 1 or more")
    }
  }

  func run() throws {
    try options.open()
    let texts = try SearchableTexts(contentsOf: corpus, fields: field, limit: options.limit)
    var settings = CorpusSearch.Settings(model: model)
    settings.queryPrompt = queryPrompt
    settings.corpusPrompt = corpusPrompt
    settings.truncateDim = truncateDim
    settings.maxSequenceLength = maxSeqLength
    settings.store = options.store
    let display = TrainingDisplay()
    let search = try CorpusSearch(settings, corpus: texts) { display.receive($0) }
    display.clear()
    for query in queries { answer(query, search) }
    if queries.isEmpty { try converse(search) }
  }

  /// Answers line after line.
  private func converse(_ search: CorpusSearch) throws {
    let isAtPrompt = isatty(STDIN_FILENO) == 1
    let input = try TextInput(path: "-", fields: [])
    while true {
      if isAtPrompt { StandardError.write("query> ") }
      guard let line = try input.next() else { break }
      let query = line.trimmed
      if !query.isEmpty { answer(query, search) }
    }
    if isAtPrompt { StandardError.write("\n") }
  }

  private func answer(_ query: String, _ search: CorpusSearch) {
    let hits = search.nearest(to: query, count: topK)
    print(
      json
        ? Self.json(query, hits, search.corpus)
        : Self.table(query, hits, search.corpus, width: StandardOutput.columnCount))
    fflush(nil)  // a pipe's reader waits for the answer
  }

  /// The query, and below it a line for each text.
  private static func table(
    _ query: String, _ hits: [RetrievalHit], _ corpus: SearchableTexts, width: Int
  ) -> String {
    let ids = hits.map { corpus.ids[$0.document].cut(toWidth: 20) }
    let idWidth = ids.map(\.displayWidth).max() ?? 0
    let lines = zip(hits, ids).enumerated().map { place, found in
      let (hit, id) = found
      let head =
        Format.right(String(place + 1), 3) + "  " + Format.fixed(Double(hit.score), 4) + "  "
        + id.padded(toWidth: idWidth)
      let text = Format.oneLine(corpus.texts[hit.document], limit: width)
      return (head + "  " + text).cut(toWidth: width)
    }
    return ([query.cut(toWidth: width)] + lines).joined(separator: "\n") + "\n"
  }

  private static func json(
    _ query: String, _ hits: [RetrievalHit], _ corpus: SearchableTexts
  ) -> String {
    let found = hits.map { hit -> JSONValue in
      [
        "id": .string(corpus.ids[hit.document]), "score": .number(Double(hit.score)),
        "text": .string(corpus.texts[hit.document]),
      ]
    }
    return JSONValue.object(JSONObject([("query", .string(query)), ("hits", .array(found))])).text()
  }
}

extension String {
  /// Without white space at the ends.
  fileprivate var trimmed: String {
    let start = drop(while: \.isWhitespace)
    return String(start.reversed().drop(while: \.isWhitespace).reversed())
  }
}
