internal import Datasets
internal import Encoders
internal import Retrieval
internal import Tensors

/// Measures how often a model finds an anchor more like its positive than like its negative.
///
/// The counterpart of sentence-transformers' class of the same name: equal metrics from equal
/// embeddings, checked by `PairReportTests`. Anchors get the model's prompt for queries, the others
/// its prompt for documents.
struct TripletEvaluator: ModelEvaluator {
  let settings: Recipe.TripletEvaluator
  private let columns: [TextColumn]

  /// Reads the triplets.
  ///
  /// - Throws: `DatasetError`, or ``RunError`` if there are not three columns.
  init(_ settings: Recipe.TripletEvaluator, at place: String) throws {
    self.settings = settings
    columns = try settings.data.read().columns
    guard columns.count == 3 else {
      throw RunError(
        .data,
        "there are \(columns.count) columns: \(columns.map(\.name).joined(separator: ", ")); expected "
          + "three: anchor, positive, negative", place: place + ".columns")
    }
  }

  var name: String { settings.name }
  var writesCSV: Bool { settings.writesCSV }

  func metricNames(_ encoder: SentenceEncoder) throws -> [String] {
    _ = try settings.truncateDim.map { try encoder.checkedWidth($0) }
    return TripletReport.names(
      name: name, functions: try encoder.similarities(settings.similarities))
  }

  func measure(
    _ encoder: SentenceEncoder, progress: (_ done: Int, _ total: Int) throws -> Void
  ) throws -> any EvaluationReport {
    let functions = try encoder.similarities(settings.similarities)
    let prompts = encoder.layout.prompts
    let query = settings.queryPrompt ?? prompts["query"] ?? ""
    let document = settings.corpusPrompt ?? prompts["document"] ?? ""
    let (rows, total) = (columns[0].count, columns.count * columns[0].count)
    let embeddings = try columns.enumerated().map { index, column in
      try encoder.encode(Array(column), prompt: index == 0 ? query : document) {
        try progress(index * rows + $0, total)
      }.truncated(to: settings.truncateDim)
    }
    return TripletReport(
      name: name,
      scores: functions.map {
        .init(
          $0, anchors: embeddings[0], positives: embeddings[1], negatives: embeddings[2],
          margin: settings.margin[$0])
      }, main: settings.mainSimilarity)
  }
}
