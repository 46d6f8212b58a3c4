import JSONValues

/// A file of documents or queries: texts with their ids, as BEIR has them.
struct IdentifiedTexts {
  let path: String
  /// Whether a `title` that is not empty, and a space, stand in front of the text.
  let hasTitles: Bool
  /// Whether an id may also be an integer, and be called `id`.
  var isLenient = false

  /// Passes on one text after another.
  ///
  /// - Throws: What `body` throws, and ``DatasetError`` at the first fault.
  func forEach(_ body: (_ id: String, _ text: String, _ line: Int) throws -> Void) throws {
    try RowFile.forEachRow(of: path) { row, line in
      let entry = Entry(object: row, path: path, line: line)
      let title = hasTitles ? try entry.optional("title") : ""
      let text = try entry.required("text")
      try body(
        isLenient ? entry.lenientID() : entry.required("_id"),
        title.isEmpty ? text : title + " " + text, line)
      return true
    }
  }
}

/// One document or query, as it stands in its file.
private struct Entry {
  let object: JSONObject
  let path: String
  let line: Int

  func required(_ name: String) throws -> String {
    guard let value = object.value(ofByteExact: name) else { throw missing(name) }
    guard let text = value.string else {
      throw DatasetError(
        .notText, "\"\(name)\" is \(value.kind); expected a string", path: path, line: line,
        column: name)
    }
    return text
  }

  /// The text of a member, empty if it is missing or null.
  func optional(_ name: String) throws -> String {
    object.value(ofByteExact: name)?.isNull ?? true ? "" : try required(name)
  }

  func lenientID() throws -> String {
    let found = ["_id", "id"].lazy.compactMap { object.value(ofByteExact: $0) }.first
    guard let found else { throw missing("_id") }
    guard let id = found.id else {
      throw DatasetError(
        .notText, "the id is \(found.kind); expected a string or an integer", path: path,
        line: line, column: "_id")
    }
    return id
  }

  private func missing(_ name: String) -> DatasetError {
    DatasetError(
      .missingColumn, "there is no \"\(name)\"; expected \"_id\" and \"text\"", path: path,
      line: line, column: name)
  }
}

extension JSONValue {
  /// The id that a string or an integer is.
  var id: String? {
    if case .integer(let number) = self { return String(number) }
    return string
  }
}
