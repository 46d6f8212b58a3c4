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
  private let field: String?
  private let file: UnsafeMutablePointer<FILE>
  private var line: UnsafeMutablePointer<CChar>?
  private var capacity = 0
  private var number = 0

  /// Opens the input.
  ///
  /// - Parameters:
  ///   - path: A file; `-` for standard input.
  ///   - field: The field of the text if lines are JSON objects; nil if they are the texts.
  /// - Throws: ``InputError`` with the path and the system's reason.
  init(path: String, field: String?) throws {
    self.path = path == "-" ? "standard input" : path
    self.field = field
    if path.hasSuffix(".gz") {
      throw InputError("\(path): compressed input is not read here; pass it on: zcat \(path) | …")
    }
    guard let file = path == "-" ? fdopen(STDIN_FILENO, "r") : fopen(path, "r") else {
      throw InputError("\(path): cannot be opened: \(String(cString: strerror(errno)))")
    }
    self.file = file
  }

  deinit {
    free(line)
    fclose(file)
  }

  /// The next texts, at most so many; none at the end.
  func next(_ count: Int) throws -> [String] {
    var texts: [String] = []
    while texts.count < count, let text = try next() { texts.append(text) }
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
      if let field {
        if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
        return try text(of: bytes, field)
      }
      guard let text = String(validating: bytes, as: UTF8.self) else { throw fault("is not UTF-8") }
      return text
    }
  }

  private func text(of bytes: Slice<UnsafeRawBufferPointer>, _ field: String) throws -> String {
    let value: JSONValue
    do { value = try JSONValue(parsing: Array(bytes)) } catch {
      throw fault("is not JSON: column \(error.column): \(error.message)")
    }
    guard let found = value[field] else { throw fault("has no field \"\(field)\"") }
    guard let text = found.string else {
      throw fault("field \"\(field)\": expected a string, found \(found.kind)")
    }
    return text
  }

  private func fault(_ message: String) -> InputError {
    InputError("\(path), line \(number): \(message)")
  }
}
