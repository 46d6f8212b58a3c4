extension TextDatasetReader {
  /// Reads an HDF5 file with one dataset of texts for each column, or with two dimensions for lists.
  ///
  /// The columns are those that were asked for; else those of the attribute `columns` of the root
  /// group; else all, in the order of creation or, if the file does not keep it, of their names.
  mutating func readHDF5(_ path: String, limit: Int) throws {
    let before = self
    try HDF5Rehearsal.run(path) {
      var reader = before
      try reader.readTable(path, limit: limit)
    }
    try readTable(path, limit: limit)
  }

  private mutating func readTable(_ path: String, limit: Int) throws {
    let table = try HDF5TextTable(path: path)
    let names = try members.isEmpty ? orderedNames(of: table) : members.map(\.name)
    let found = try names.map { try table.column($0) }
    if members.isEmpty {
      for (name, column) in zip(names, found) {
        try addMember(name, listLength: column.listLength, path: path, line: nil)
      }
    }
    try check(found, of: table)
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
  }

  private func orderedNames(of table: HDF5TextTable) throws -> [String] {
    if let requested { return requested }
    try checkInferred(table.names, path: table.path, line: nil)
    if !table.hasOrder, let (name, place) = TextDataset.misplaced(in: table.names) {
      throw DatasetError(
        .invalidRequest,
        "the file does not tell the order of its columns, and by their names \"\(name)\" is not "
          + "number \(place + 1), where it is usual; name the columns in their order in \"columns\"",
        path: table.path, column: name)
    }
    return table.names
  }

  /// Checks that a file's columns fit one another and the files before.
  private func check(_ found: [HDF5TextTable.Column], of table: HDF5TextTable) throws {
    if requested == nil, let extra = table.names.first(where: { !isMember($0) }) {
      throw DatasetError(
        .unexpectedColumn,
        "this file has a column \"\(extra)\" that the files before lack; name the columns to read in "
          + "\"columns\"", path: table.path, column: extra)
    }
    for (index, column) in found.enumerated() {
      let width = isList[index] ? members[index].columns.count : nil
      guard column.listLength == width else {
        let (has, wanted) = (column.listLength ?? 1, width ?? 1)
        throw DatasetError(
          .listLength,
          "the column \"\(column.name)\" holds \(has) texts in a row; expected \(wanted), as in the "
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

  private func isMember(_ name: String) -> Bool {
    members.contains { $0.name.utf8.elementsEqual(name.utf8) }
  }
}
