import JSONValues

/// The numbers that go with the rows of a data set, such as what a teacher says of their texts.
public struct LabelColumn: Sendable {
  /// The names by which a column is taken for labels and not for texts, sentence-transformers'
  /// `valid_label_columns`.
  public static let names = ["label", "labels", "score", "scores"]

  /// The column's name in the file.
  public let name: String
  /// How many numbers the list of a row has; nil if each row has one number that is in no list.
  public let listLength: Int?
  /// The numbers, row after row.
  public private(set) var values: [Float] = []

  /// Creates a column.
  ///
  /// - Parameters:
  ///   - name: The column's name.
  ///   - listLength: How many numbers the list of a row has; nil for numbers that are in no list.
  ///   - values: The numbers, row after row.
  public init(name: String, listLength: Int? = nil, values: [Float] = []) {
    precondition(
      listLength != 0 && values.count.isMultiple(of: listLength ?? 1),
      "\(values.count) labels in lists of \(listLength ?? 1)")
    (self.name, self.listLength, self.values) = (name, listLength, values)
  }

  /// How many numbers a row has.
  public var perRow: Int { listLength ?? 1 }

  /// How many rows there are.
  public var rowCount: Int { values.count / perRow }

  /// The numbers of a row.
  public subscript(row: Int) -> ArraySlice<Float> { values[row * perRow..<(row + 1) * perRow] }

  mutating func append(_ numbers: [Float]) { values += numbers }

  /// Whether a column of a file is one of labels.
  static func isNamed(_ name: String) -> Bool {
    names.contains { $0.utf8.elementsEqual(name.utf8) }
  }
}

extension LabelColumn {
  /// The column that the first row of a file begins.
  ///
  /// - Throws: ``DatasetError`` if the row has an empty list.
  init(_ name: String, in row: JSONObject, path: String, line: Int) throws {
    let list = row.value(ofByteExact: name).flatMap(Self.list)
    if list?.isEmpty == true {
      throw DatasetError(
        .listLength, "the column \"\(name)\" holds an empty list; expected at least one number",
        path: path, line: line, column: name)
    }
    self.init(name: name, listLength: list?.count)
  }

  /// Takes in a row.
  ///
  /// - Throws: ``DatasetError`` if it has no numbers, or not as many as the first one.
  mutating func append(_ row: JSONObject, path: String, line: Int) throws {
    guard let value = row.value(ofByteExact: name) else {
      throw DatasetError.missing(name, in: row, path: path, line: line)
    }
    let list = Self.list(value)
    let numbers = (list ?? [value]).compactMap(Self.number)
    guard numbers.count == list?.count ?? 1, (list == nil) == (listLength == nil) else {
      let wanted = listLength.map { "a list of \($0) numbers" } ?? "a number"
      throw DatasetError(
        .notNumber,
        "the column \"\(name)\", which stands for labels, holds \(value.label); expected \(wanted), "
          + "or name the columns of texts in \"columns\"", path: path, line: line, column: name)
    }
    guard numbers.count == perRow else {
      throw DatasetError(
        .listLength,
        "the column \"\(name)\" holds a list of \(numbers.count) numbers; expected \(perRow), as in "
          + "the first row", path: path, line: line, column: name)
    }
    append(numbers)
  }

  /// The elements of an array, or of one that is written in a field of CSV or TSV.
  private static func list(_ value: JSONValue) -> [JSONValue]? {
    if let array = value.array { return array }
    guard let text = value.string, text.first == "[" else { return nil }
    return try? JSONValue(parsing: text).array
  }

  /// A finite number, or the text of one, as CSV and TSV have it.
  private static func number(_ value: JSONValue) -> Float? {
    // By way of a double, as Python's numbers become PyTorch's.
    let number =
      value.double
      ?? value.string.flatMap { Double($0.split(separator: " ").joined(separator: " ")) }
    return number.map { Float($0) }.flatMap { $0.isFinite ? $0 : nil }
  }
}

extension JSONValue {
  /// The value in a message.
  fileprivate var label: String {
    switch self {
    case .string(let text): text.count <= 40 ? "\"\(text)\"" : kind
    case .array(let elements):
      elements.first { $0.double == nil }.map { "a list with \($0.kind)" } ?? "a list"
    default: kind
    }
  }
}
