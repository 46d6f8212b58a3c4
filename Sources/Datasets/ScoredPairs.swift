import JSONValues

/// Pairs of texts with a number for each, like how similar people find them.
public struct ScoredPairs: Sendable {
  /// The first text of each row.
  public let first: TextColumn
  /// The second.
  public let second: TextColumn
  /// The number, finite.
  public let scores: [Double]

  /// Reads files of rows: JSONL, JSON arrays, CSV or TSV, also compressed by gzip.
  ///
  /// - Parameters:
  ///   - paths: The files, whose rows follow one another.
  ///   - columns: The names of the first text, the second and the score. Nil means the first three
  ///     members of the first row, in its order.
  ///   - limit: How many rows to read at most; nil means all.
  /// - Throws: ``DatasetError`` at the first fault, with file and line: a column that is missing, a
  ///   value that is no text or no number. Fewer than two rows are a fault, too.
  public init(contentsOf paths: [String], columns: [String]? = nil, limit: Int? = nil) throws {
    var reader = ScoredPairsReader(columns: columns)
    try reader.checkRequest(limit: limit, path: paths.first ?? "")
    for path in paths where reader.scores.count < limit ?? Int.max {
      try reader.read(path, limit: limit ?? Int.max)
    }
    guard reader.scores.count >= 2, let names = reader.names else {
      throw DatasetError(
        .empty, "there are \(reader.scores.count) rows; a correlation needs at least 2",
        path: paths.first ?? "")
    }
    first = TextColumn(name: names[0], texts: reader.texts.0)
    second = TextColumn(name: names[1], texts: reader.texts.1)
    scores = reader.scores
  }
}

private struct ScoredPairsReader {
  var names: [String]?
  var texts: ([String], [String]) = ([], [])
  var scores: [Double] = []

  init(columns: [String]?) { names = columns }

  func checkRequest(limit: Int?, path: String) throws {
    if let limit, limit < 2 {
      throw DatasetError(
        .invalidRequest, "a limit of \(limit) rows; expected at least 2", path: path)
    }
    if let names, names.count != 3 {
      throw DatasetError(
        .invalidRequest,
        "\"columns\" names \(names.count) columns; expected three: two of texts and one of scores",
        path: path)
    }
  }

  mutating func read(_ path: String, limit: Int) throws {
    if try HDF5TextTable.isHDF5(path) {
      throw DatasetError(
        .unsupportedFormat,
        "HDF5 is not read for scores; expected JSONL, a JSON array, CSV or TSV", path: path)
    }
    try RowFile.forEachRow(of: path) { row, line in
      try append(row, path: path, line: line)
      return scores.count < limit
    }
  }

  private mutating func append(_ row: JSONObject, path: String, line: Int) throws {
    if names == nil, row.count >= 3 { names = Array(row.keys.prefix(3)) }
    guard let names else {
      throw DatasetError(
        .missingColumn,
        "this row has \(row.count) columns; expected two of texts and one of scores", path: path,
        line: line)
    }
    func value(_ name: String) throws -> JSONValue {
      guard let value = row.value(ofByteExact: name) else {
        throw DatasetError.missing(name, in: row, path: path, line: line)
      }
      return value
    }
    func text(_ name: String) throws -> String {
      let value = try value(name)
      guard let text = value.string else {
        throw DatasetError(
          .notText, "the column \"\(name)\" holds \(value.kind); expected a text", path: path,
          line: line, column: name)
      }
      return text
    }
    let found = try value(names[2])
    let number =
      found.double
      ?? found.string.flatMap { text in
        Double(text.split(separator: " ").joined(separator: " "))
      }
    guard let score = number, score.isFinite else {
      throw DatasetError(
        .malformedLine,
        "the column \"\(names[2])\" holds \(found.string.map { "\"\($0)\"" } ?? found.kind); "
          + "expected a number", path: path, line: line, column: names[2])
    }
    try texts.0.append(text(names[0]))
    try texts.1.append(text(names[1]))
    scores.append(score)
  }
}

extension DatasetError {
  /// A column that a row lacks.
  static func missing(_ name: String, in row: JSONObject, path: String, line: Int) -> DatasetError {
    let found = row.keys.map { "\"\($0)\"" }.joined(separator: ", ")
    return DatasetError(
      .missingColumn, "there is no column \"\(name)\"; this row has \(found)", path: path,
      line: line, column: name)
  }
}
