internal import Datasets
public import JSONValues
public import Retrieval

/// Rows with mined negatives, with the columns that sentence-transformers' `mine_hard_negatives`
/// gives them.
///
/// | format | columns | with scores |
/// |---|---|---|
/// | triplet | anchor, positive, `negative` | `scores`: the positive's, the negative's |
/// | n-tuple | anchor, positive, `negative_1`, … | `scores`: the positive's, the negatives' |
/// | labeled-pair | anchor, a document in the positive's column, `label` | `score` for `label` |
/// | labeled-list | anchor, a list of documents, `labels` | `scores` for `labels` |
///
/// The first two columns are named as in the data. Rows of the first two formats are a `train_dataset`
/// as they are; with scores they suit losses that follow a teacher, too.
public struct MinedDataset: Sendable {
  private let mined: MinedNegatives
  private let pairs: DistinctPairs
  private let hasScores: Bool

  init(_ mined: MinedNegatives, _ pairs: DistinctPairs, _ settings: MiningRun.Settings) {
    self.mined = mined
    self.pairs = pairs
    hasScores = settings.outputScores
  }

  /// How scores are distributed, and what was left out.
  public var statistics: MiningStatistics { mined.statistics }
}

extension MinedDataset: RandomAccessCollection {
  /// The first row, 0.
  public var startIndex: Int { 0 }
  /// The number of rows.
  public var endIndex: Int { mined.rows.count }

  /// A row; made at each call.
  public subscript(index: Int) -> JSONObject {
    let row = mined.rows[index]
    let texts = row.documents.map { JSONValue.string(pairs.documents[$0]) }
    let scores = row.scores.map { JSONValue.number(Double($0)) }
    var object = JSONObject([(pairs.queries.name, .string(pairs.queries[row.query]))])
    let isList = mined.format == .labeledList
    object[pairs.documents.name] = isList ? .array(texts) : texts[0]
    switch mined.format {
    case .triplet: object["negative"] = texts[1]
    case .nTuple:
      for (number, text) in texts.enumerated().dropFirst() { object["negative_\(number)"] = text }
    case .labeledPair:
      object[hasScores ? "score" : "label"] = hasScores ? scores[0] : .integer(row.labels[0])
      return object
    case .labeledList:
      if !hasScores { object["labels"] = .array(row.labels.map { .integer($0) }) }
    }
    if hasScores { object["scores"] = .array(scores) }
    return object
  }
}

extension MinedDataset {
  /// Refuses columns of the data that the new columns would overwrite.
  static func checkNames(
    _ anchor: String, _ positive: String, _ settings: MiningRun.Settings,
    in dataset: Recipe.Dataset
  ) throws {
    guard anchor != positive else {
      throw RunError(
        .data, "\"\(anchor)\" is named for the anchors and for the positives; expected two columns",
        place: dataset.paths.first)
    }
    let isTuple = settings.mining.outputFormat == .nTuple || settings.mining.includePositives
    let names =
      isTuple
      ? (1...Swift.max(1, settings.mining.numNegatives)).map { "negative_\($0)" }
      : settings.mining.outputFormat == .triplet ? ["negative"] : []
    if let name = [anchor, positive].first(where: names.contains) {
      throw RunError(
        .data,
        "the column \"\(name)\" has the name of the column for mined negatives; rename it, or choose "
          + "another anchor or positive column", place: dataset.paths.first)
    }
  }
}
