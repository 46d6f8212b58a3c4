extension TextDatasetReader {
  /// Reads an HDF5 file with one dataset of texts for each column, or with two dimensions for lists.
  ///
  /// The columns are those that were asked for; else those of the attribute `columns` of the root
  /// group; else all, in the order of creation or, if the file does not keep it, of their names.
  mutating func readHDF5(_ path: String, limit: Int) throws {
    let before = self
    try HDF5Child.read(path) { pipe in
      var reader = before
      try reader.readTable(ToldTable(path: path, to: pipe), limit: limit)
    } hear: { pipe in
      try readTable(HeardTable(from: pipe), limit: limit)
    }
  }

  private mutating func readTable(_ table: some RowTable, limit: Int) throws {
    let path = table.path
    let isFirst = members.isEmpty
    let names =
      try isFirst
      ? orderedNames(of: table) : members.map(\.name) + [labels?.name].compactMap(\.self)
    let labelName = names.first(where: LabelColumn.isNamed)
    let found = try names.filter { $0 != labelName }.map { try table.column($0) }
    let numbers = try labelName.map { try table.numbers($0) }
    if isFirst {
      for column in found {
        try addMember(column.name, listLength: column.listLength, path: path, line: nil)
      }
      labels = numbers.map { LabelColumn(name: $0.name, listLength: $0.listLength) }
    }
    try check(found, numbers, of: table)
    guard let rowCount = found.first?.rowCount, rowCount > 0 else {
      throw DatasetError(.empty, "the file has no rows", path: path)
    }
    let rows = min(rowCount, limit - self.rowCount)
    for (column, member) in zip(found, members) {
      for first in stride(from: 0, to: rows, by: HDF5TextTable.rowsAtATime) {
        let part = first..<min(first + HDF5TextTable.rowsAtATime, rows)
        let width = member.columns.count
        for (index, text) in try table.texts(of: column, rows: part).enumerated() {
          columns[member.columns.lowerBound + index % width].append(text)
        }
      }
    }
    if let numbers { labels?.append(try table.numbers(of: numbers, rows: 0..<rows)) }
  }

  private func orderedNames(of table: some RowTable) throws -> [String] {
    if let requested { return requested }
    try checkInferred(table.names, path: table.path, line: nil)
    let texts = table.names.filter { !LabelColumn.isNamed($0) }
    if !table.hasOrder, let (name, place) = TextDataset.misplaced(in: texts) {
      throw DatasetError(
        .invalidRequest,
        "the file does not tell the order of its columns, and by their names \"\(name)\" is not "
          + "number \(place + 1), where it is usual; name the columns in their order in \"columns\"",
        path: table.path, column: name)
    }
    return table.names
  }

  /// Checks that a file's columns fit one another and the files before.
  private func check(
    _ found: [HDF5TextTable.Column], _ numbers: HDF5TextTable.Column?, of table: some RowTable
  ) throws {
    if requested == nil, let extra = table.names.first(where: { !isRead($0) }) {
      throw DatasetError(
        .unexpectedColumn,
        "this file has a column \"\(extra)\" that the files before lack; name the columns to read in "
          + "\"columns\"", path: table.path, column: extra)
    }
    let widths = zip(members, isList).map { $1 ? $0.columns.count : nil } + [labels?.listLength]
    for (column, width) in zip(found + [numbers].compactMap(\.self), widths) {
      guard column.listLength == width else {
        let (has, wanted) = (column.listLength ?? 1, width ?? 1)
        throw DatasetError(
          .listLength,
          "the column \"\(column.name)\" holds \(has) values in a row; expected \(wanted), as in the "
            + "files before", path: table.path, column: column.name)
      }
      guard column.rowCount == found[0].rowCount else {
        throw DatasetError(
          .corrupt,
          "the column \"\(column.name)\" has \(column.rowCount) rows, \"\(found[0].name)\" has "
            + "\(found[0].rowCount); expected as many", path: table.path, column: column.name)
      }
    }
  }
}
