import JSONValues

/// Texts to search in, each with an id, out of a file of lines or of JSON objects, or of a BEIR
/// directory.
public struct SearchableTexts: Sendable {
  /// The ids: what the file says, else the number of the line, from 1.
  public let ids: TextColumn
  /// The texts, one for each id.
  public let texts: TextColumn

  /// Reads the texts; lines without any are skipped.
  ///
  /// - Parameters:
  ///   - path: A BEIR directory, of which `corpus.jsonl` or `corpus.jsonl.gz` is read; a file whose
  ///     name ends in `.jsonl` or `.jsonl.gz`, an object on each line; or any other file, gzip or
  ///     not, with a text on each line.
  ///   - fields: The members that make up the text of an object, joined by a space, those left out
  ///     that are missing, null or empty; empty: `title` and `text`. Given, lines of any file are
  ///     objects.
  ///   - limit: How many texts are read at most; nil: all.
  /// - Throws: ``DatasetError`` with file and line.
  public init(contentsOf path: String, fields: [String] = [], limit: Int? = nil) throws {
    var file = path
    if let corpus = [".jsonl", ".jsonl.gz"].map({ "\(path)/corpus\($0)" })
      .first(where: InputFile.exists)
    {
      file = corpus
    }
    let isJSON = !fields.isEmpty || file.hasSuffix(".jsonl") || file.hasSuffix(".jsonl.gz")
    let names = fields.isEmpty ? ["title", "text"] : fields
    var ids = TextColumn(name: "_id")
    var texts = TextColumn(name: "text")
    try LineReader(path: file, format: isJSON ? .rows : .table).forEach { bytes, line in
      guard isJSON else {
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw DatasetError(.notUTF8, "the line is not UTF-8", path: file, line: line)
        }
        ids.append(String(line))
        texts.append(text)
        return texts.count < limit ?? .max
      }
      let object = try JSONLine.object(of: bytes, path: file, line: line)
      let text = try object.text(of: names, path: file, line: line)
      if !text.isEmpty {
        ids.append(object.id ?? String(line))
        texts.append(text)
      }
      return texts.count < limit ?? .max
    }
    guard !texts.isEmpty else {
      throw DatasetError(.empty, "there is no text; expected at least one", path: file)
    }
    (self.ids, self.texts) = (ids, texts)
  }
}

extension JSONObject {
  /// The texts of some members that are there, joined by a space.
  fileprivate func text(of names: [String], path: String, line: Int) throws -> String {
    var (parts, isThere) = ([String](), false)
    for name in names {
      guard let value = value(ofByteExact: name) else { continue }
      isThere = true
      if value.isNull { continue }
      guard let text = value.string else {
        throw DatasetError(
          .notText, "\"\(name)\" is \(value.kind); expected a string", path: path, line: line,
          column: name)
      }
      if !text.isEmpty { parts.append(text) }
    }
    guard isThere else {
      throw DatasetError(
        .missingColumn,
        "there is no \"\(names.joined(separator: "\" or \""))\"; there are "
          + keys.joined(separator: ", ") + ": name the text with --field", path: path, line: line,
        column: names[0])
    }
    return parts.joined(separator: " ")
  }

  /// What BEIR and others call a row.
  fileprivate var id: String? {
    for name in ["_id", "id"] {
      switch value(ofByteExact: name) {
      case .string(let text)?: return text
      case .integer(let number)?: return String(number)
      default: continue
      }
    }
    return nil
  }
}
