import JSONValues

/// Reads rows from files of every format into columns; the first row or file decides which columns
/// there are.
struct TextDatasetReader {
  /// The columns before this one, anchor and positive, hold one text for each row.
  private static let firstNegative = 2

  let requested: [String]?
  /// The members of each object that are read, in order, and the columns they fill.
  private(set) var members: [(name: String, columns: Range<Int>)] = []
  var columns: [TextColumn] = []
  /// The labels, if there is a column of them; it is none of `members`.
  var labels: LabelColumn?
  /// Whether a member of the first row was a list, for each of `members`.
  private(set) var isList: [Bool] = []

  /// Which judgements of a BEIR directory are read; nil: none was named.
  let split: String?
  /// Whether rows hold ids, which may be integers.
  let holdsIDs: Bool
  /// What should be known of the files, one sentence each.
  private(set) var notes: [String] = []

  init(requested: [String]?, split: String?, holdsIDs: Bool) {
    (self.requested, self.split, self.holdsIDs) = (requested, split, holdsIDs)
  }

  /// Reads files one after the other.
  ///
  /// - Throws: ``DatasetError`` at the first fault.
  mutating func read(_ paths: [String], limit: Int?) throws {
    guard let first = paths.first else {
      throw DatasetError(.invalidRequest, "no file is named; expected at least one", path: "")
    }
    try checkRequest(limit: limit, path: first)
    for path in paths where rowCount < limit ?? Int.max {
      try read(path, limit: limit ?? Int.max)
    }
  }

  var rowCount: Int { columns.first?.count ?? 0 }

  private func checkRequest(limit: Int?, path: String) throws {
    if let limit, limit < 1 {
      throw DatasetError(
        .invalidRequest, "a limit of \(limit) rows; expected at least 1", path: path)
    }
    guard let requested else { return }
    guard !requested.isEmpty else {
      throw DatasetError(.invalidRequest, "no column is named in \"columns\"", path: path)
    }
    for (index, name) in requested.enumerated() {
      if requested[..<index].contains(where: { $0.utf8.elementsEqual(name.utf8) }) {
        throw DatasetError(
          .invalidRequest, "the column \"\(name)\" stands twice in \"columns\"", path: path,
          column: name)
      }
      if name == "dataset_name" {
        throw DatasetError(
          .reservedColumn,
          "\"columns\" names \"\(name)\", which sentence-transformers does not take for a text; "
            + "leave it out, or give it another name in the file", path: path, column: name)
      }
    }
    try checkLabels(requested, path: path, line: nil)
  }

  /// Checks that there are texts beside the labels, and one column of labels at most.
  private func checkLabels(_ names: [String], path: String, line: Int?) throws {
    let labels = names.filter(LabelColumn.isNamed)
    guard labels.count <= 1 else {
      throw DatasetError(
        .reservedColumn,
        "the columns \"\(labels[0])\" and \"\(labels[1])\" both stand for labels; name one of them, "
          + "and the columns of texts, in \"columns\"", path: path, line: line, column: labels[1])
    }
    guard labels.count < names.count else {
      throw DatasetError(
        .missingColumn,
        "the only column is \"\(labels[0])\", which stands for labels; expected texts", path: path,
        line: line, column: labels[0])
    }
  }

  private mutating func read(_ path: String, limit: Int) throws {
    if BEIRFiles.isDirectory(path) { return try readBEIR(path, limit: limit) }
    guard split == nil else {
      throw DatasetError(
        .invalidRequest, "\"split\" is for BEIR directories, and this is a file; remove it",
        path: path)
    }
    if try HDF5TextTable.isHDF5(path) { return try readHDF5(path, limit: limit) }
    let before = rowCount
    try RowFile.forEachRow(of: path) { row, line in
      try append(row, path: path, line: line)
      return rowCount < limit
    }
    guard rowCount > before else {
      throw DatasetError(
        .empty, "the file has no rows; expected JSONL, a JSON array, CSV or TSV", path: path)
    }
  }

  private mutating func readBEIR(_ path: String, limit: Int) throws {
    guard !holdsIDs else {
      throw DatasetError(
        .invalidRequest,
        "this is a directory; with \"queries\" and \"corpus\" expected a file of ids", path: path)
    }
    let before = rowCount
    var pairs = BEIRPairs(BEIRFiles(directory: path, split: split ?? "train"))
    try pairs.forEachRow { row, line in
      try append(row, path: path, line: line)
      return rowCount < limit
    }
    if pairs.unknownCount > 0 {
      notes.append(
        "\(path): \(pairs.unknownCount) judged pairs are left out, since their query or document is "
          + "not there")
    }
    guard rowCount > before else {
      throw DatasetError(
        .empty, "no query has a relevant document that is there", path: pairs.files.judgements)
    }
  }

  private mutating func append(_ object: JSONObject, path: String, line: Int) throws {
    if columns.isEmpty { try layOut(object, path: path, line: line) }
    for (index, member) in members.enumerated() {
      guard let value = object.value(ofByteExact: member.name) else {
        throw DatasetError.missing(member.name, in: object, path: path, line: line)
      }
      let texts = try texts(of: value, member: index, path: path, line: line)
      for (column, text) in zip(member.columns, texts) { columns[column].append(text) }
    }
    try labels?.append(object, path: path, line: line)
    let expected = members.count + (labels == nil ? 0 : 1)
    guard requested == nil, object.count > expected else { return }
    let extra = object.keys.first { !isRead($0) }
    throw DatasetError(
      .unexpectedColumn,
      "this row has a column \"\(extra ?? "")\" that the first row lacks; "
        + "name the columns to read in \"columns\"", path: path, line: line, column: extra)
  }

  /// Whether a member is one of those that are read.
  func isRead(_ name: String) -> Bool {
    labels?.name.utf8.elementsEqual(name.utf8) == true
      || members.contains { $0.name.utf8.elementsEqual(name.utf8) }
  }

  /// The texts of one member, as many as it has columns.
  private func texts(of value: JSONValue, member: Int, path: String, line: Int) throws -> [String] {
    let (name, expected) = (members[member].name, members[member].columns.count)
    let texts = holdsIDs ? value.ids : value.texts
    guard let texts, (value.array != nil) == isList[member] else {
      let wanted = isList[member] ? "a list of \(expected) texts" : "a text"
      throw DatasetError(
        .notText, "the column \"\(name)\" holds \(value.description); expected \(wanted)",
        path: path, line: line, column: name)
    }
    guard texts.count == expected else {
      throw DatasetError(
        .listLength,
        "the column \"\(name)\" holds a list of \(texts.count) texts; expected \(expected), "
          + "as in the first row", path: path, line: line, column: name)
    }
    return texts
  }

  /// Decides, by the first row, which columns there are.
  private mutating func layOut(_ object: JSONObject, path: String, line: Int) throws {
    if requested == nil { try checkInferred(object.keys, path: path, line: line) }
    for name in requested ?? object.keys {
      if LabelColumn.isNamed(name) {
        labels = try LabelColumn(name, in: object, path: path, line: line)
        continue
      }
      let list = object.value(ofByteExact: name)?.array
      try addMember(name, listLength: list?.count, path: path, line: line)
    }
  }

  /// Adds the columns of a member, whose rows are lists of a length or, if it is nil, texts.
  mutating func addMember(_ name: String, listLength: Int?, path: String, line: Int?) throws {
    if listLength != nil && members.count < Self.firstNegative {
      throw DatasetError(
        .notText,
        "the column \"\(name)\", number \(members.count + 1) of the data set, holds a list; only "
          + "negatives, from the third column on, may be lists", path: path, line: line,
        column: name)
    }
    if listLength == 0 {
      throw DatasetError(
        .listLength, "the column \"\(name)\" holds an empty list; expected at least one text",
        path: path, line: line, column: name)
    }
    let width = listLength ?? 1
    members.append((name, columns.count..<columns.count + width))
    isList.append(listLength != nil)
    for element in 0..<width {
      columns.append(TextColumn(name: name, element: listLength == nil ? nil : element))
    }
  }

  func checkInferred(_ keys: [String], path: String, line: Int?) throws {
    guard !keys.isEmpty else {
      throw DatasetError(.missingColumn, "the object has no members", path: path, line: line)
    }
    guard let reserved = keys.first(where: { $0 == "dataset_name" }) else {
      return try checkLabels(keys, path: path, line: line)
    }
    let others = keys.filter { $0 != reserved }
    throw DatasetError(
      .reservedColumn,
      "the column \"\(reserved)\" is no text to sentence-transformers; name the others: "
        + "\"columns\": \(JSONValue.array(others.map { .string($0) }).text())",
      path: path, line: line, column: reserved)
  }
}

extension JSONValue {
  /// The texts of a string or of a list of strings; nil if this is neither.
  fileprivate var texts: [String]? {
    if let string { return [string] }
    guard let array else { return nil }
    let strings = array.compactMap(\.string)
    return strings.count == array.count ? strings : nil
  }

  /// The ids of a string, an integer or a list of such; nil if this is none.
  fileprivate var ids: [String]? {
    if let id { return [id] }
    guard let array else { return nil }
    let ids = array.compactMap(\.id)
    return ids.count == array.count ? ids : nil
  }

  /// The value in a message: what kind it is, and which, if it is short.
  fileprivate var description: String {
    switch self {
    case .bool, .integer, .number: return "\(kind) (\(text()))"
    case .array(let elements):
      guard let other = elements.first(where: { $0.string == nil }) else { return "a list" }
      return "a list with \(other.kind)"
    default: return kind
    }
  }
}
