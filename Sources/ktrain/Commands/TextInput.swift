import Glibc
import JSONValues

/// Input that a command cannot use.
struct InputError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Texts from a file or standard input, line by line.
final class TextInput {
  private let path: String
  private let fields: [String]
  private let size: Int?
  private let file: UnsafeMutablePointer<FILE>
  private var line: UnsafeMutablePointer<CChar>?
  private var capacity = 0
  private var number = 0

  /// Opens the input.
  ///
  /// - Parameters:
  ///   - path: A file; `-` for standard input.
  ///   - fields: The fields of the text if lines are JSON objects; none if they are the texts.
  /// - Throws: ``InputError`` with the path and the system's reason.
  init(path: String, fields: [String]) throws {
    self.path = path == "-" ? "standard input" : path
    self.fields = fields
    if path.hasSuffix(".gz") {
      throw InputError("\(path): compressed input is not read here; pass it on: zcat \(path) | …")
    }
    guard let file = path == "-" ? fdopen(STDIN_FILENO, "r") : fopen(path, "r") else {
      throw InputError("\(path): cannot be opened: \(String(cString: strerror(errno)))")
    }
    self.file = file
    var status = stat()
    let isFile = fstat(fileno(file), &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    size = isFile ? Int(status.st_size) : nil
  }

  deinit {
    free(line)
    fclose(file)
  }

  /// Which share of the file has been read; nil for a pipe.
  var share: Double? { size.map { $0 == 0 ? 1 : Double(ftell(file)) / Double($0) } }

  /// The next texts, at most so many, and none more once they have so many bytes; none at the end.
  func next(_ count: Int, bytes limit: Int) throws -> [String] {
    var (texts, bytes): ([String], Int) = ([], 0)
    while texts.count < count, bytes < limit, let text = try next() {
      texts.append(text)
      bytes += text.utf8.count
    }
    return texts
  }

  /// The next text; nil at the end.
  func next() throws -> String? {
    while true {
      errno = 0
      let length = getline(&line, &capacity, file)
      guard length >= 0, let line else {
        if ferror(file) != 0 { throw fault("cannot be read: \(String(cString: strerror(errno)))") }
        return nil
      }
      number += 1
      var bytes = UnsafeRawBufferPointer(start: line, count: length)[...]
      if bytes.last == 0x0A { bytes = bytes.dropLast() }
      if bytes.last == 0x0D { bytes = bytes.dropLast() }
      if !fields.isEmpty {
        if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
        return try text(of: bytes)
      }
      guard let text = String(validating: bytes, as: UTF8.self) else { throw fault("is not UTF-8") }
      return text
    }
  }

  private func text(of bytes: Slice<UnsafeRawBufferPointer>) throws -> String {
    let value: JSONValue
    do { value = try JSONValue(parsing: bytes) } catch {
      throw fault("is not JSON: column \(error.column): \(error.message)")
    }
    let found = fields.filter { value[$0] != nil }
    guard !found.isEmpty else {
      throw fault("has no field \"\(fields.joined(separator: "\" or \""))\"")
    }
    if fields.count == 1 { return try text(of: value, fields[0]) }
    // Of several, those that say something.
    return try found.filter { value[$0]?.isNull == false }.map { try text(of: value, $0) }
      .filter { !$0.isEmpty }.joined(separator: " ")
  }

  private func text(of value: JSONValue, _ field: String) throws -> String {
    guard let text = value[field]?.string else {
      throw fault("field \"\(field)\": expected a string, found \(value[field]?.kind ?? "nothing")")
    }
    return text
  }

  private func fault(_ message: String) -> InputError {
    InputError("\(path), line \(number): \(message)")
  }
}
