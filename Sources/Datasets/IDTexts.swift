/// Where the texts stand that the rows of a data set name by their ids.
///
/// Both are files of rows with `_id` (or `id`), `text` and, in the corpus, perhaps `title`; ids are
/// strings or integers, which are compared by their digits.
public struct IDTexts: Hashable, Sendable {
  /// The file of the first column's texts.
  public let queries: String
  /// The file of all other columns' texts.
  public let corpus: String

  /// Names the files.
  public init(queries: String, corpus: String) { (self.queries, self.corpus) = (queries, corpus) }

  /// Puts texts in the place of ids; of the files only those that are named stay in memory.
  ///
  /// - Parameters:
  ///   - columns: The ids.
  ///   - path: Where they come from, for an error.
  /// - Returns: Columns of the same names.
  /// - Throws: ``DatasetError`` if an id is in no file, or a file is at fault.
  func texts(for columns: [TextColumn], path: String) throws -> [TextColumn] {
    let queries = try texts(in: queries, of: columns.prefix(1), hasTitles: false)
    let corpus = try texts(in: corpus, of: columns.dropFirst(), hasTitles: true)
    return try columns.enumerated().map { index, column in
      let (texts, file) = index == 0 ? (queries, self.queries) : (corpus, self.corpus)
      var result = TextColumn(name: column.name, element: column.element)
      for (row, id) in column.enumerated() {
        guard let text = texts[ByteString(id)] ?? nil else {
          throw DatasetError(
            .missingColumn,
            "the id \"\(id)\" of the column \"\(column.name)\" in row \(row + 1) is not in \(file)",
            path: path, column: column.name)
        }
        result.append(text)
      }
      return result
    }
  }

  private func texts(
    in path: String, of columns: ArraySlice<TextColumn>, hasTitles: Bool
  ) throws -> [ByteString: String?] {
    var texts: [ByteString: String?] = [:]
    for id in columns.joined() { texts.updateValue(nil, forKey: ByteString(id)) }
    var file = IdentifiedTexts(path: path, hasTitles: hasTitles)
    file.isLenient = true
    try file.forEach { id, text, line in
      guard let place = texts.index(forKey: ByteString(id)) else { return }
      guard texts.values[place] == nil else {
        throw DatasetError(
          .duplicateID, "the id \"\(id)\" stands in the file already", path: path, line: line,
          column: "_id")
      }
      texts.values[place] = text
    }
    return texts
  }
}
