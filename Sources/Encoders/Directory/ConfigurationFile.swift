internal import FoundationEssentials
package import JSONValues

/// A JSON file of a model directory, with errors that name the file and the field.
package struct ConfigurationFile: Sendable {
  package let path: String
  package let value: JSONValue

  /// Reads the file.
  ///
  /// - Throws: ``EncoderError`` if it is missing or not a JSON object.
  package init(contentsOf path: String) throws {
    guard let file = try ConfigurationFile(ifPresent: path) else {
      throw EncoderError(.missing, "is missing", path: path)
    }
    self = file
  }

  /// Reads the file if there is one.
  ///
  /// - Throws: ``EncoderError`` if it is there but cannot be read or is not a JSON object.
  package init?(ifPresent path: String, allowingArray: Bool = false) throws {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    self.path = path
    let bytes: Data
    do { bytes = try Data(contentsOf: URL(filePath: path)) } catch {
      throw EncoderError(.missing, "cannot be read", path: path)
    }
    do { value = try JSONValue(parsing: bytes) } catch {
      throw EncoderError(.malformed, "is not JSON: \(error)", path: path)
    }
    guard value.object != nil || (allowingArray && value.array != nil) else {
      throw EncoderError(.malformed, "expected an object, found \(value.kind)", path: path)
    }
  }

  /// A field that must be there and be an integer of at least `minimum`.
  package func integer(_ field: String, minimum: Int = 1) throws -> Int {
    guard let value = try integer(ifPresent: field, minimum: minimum) else {
      throw EncoderError(.missing, "is missing", path: path, field: field)
    }
    return value
  }

  /// A field that is absent, null or an integer of at least `minimum`.
  package func integer(ifPresent field: String, minimum: Int = 0) throws -> Int? {
    guard let found = present(field) else { return nil }
    guard let value = found.integer, value >= minimum, value < 1 << 40 else {
      throw wrong(field, found, "an integer of at least \(minimum)")
    }
    return value
  }

  /// A field that is absent, null or a number.
  package func number(ifPresent field: String) throws -> Double? {
    guard let found = present(field) else { return nil }
    guard let value = found.double else { throw wrong(field, found, "a number") }
    return value
  }

  /// A field that is absent, null or a string.
  package func string(ifPresent field: String) throws -> String? {
    guard let found = present(field) else { return nil }
    guard let value = found.string else { throw wrong(field, found, "a string") }
    return value
  }

  /// A field that is absent, null or a boolean.
  package func bool(ifPresent field: String) throws -> Bool? {
    guard let found = present(field) else { return nil }
    guard let value = found.bool else { throw wrong(field, found, "true or false") }
    return value
  }

  /// A field that is absent or has the one value that is supported.
  package func require(_ field: String, oneOf supported: [JSONValue]) throws {
    guard let found = present(field), !supported.contains(found) else { return }
    throw EncoderError(
      .unsupported,
      "\(found.text()) is not supported; supported: \((supported + [.null]).map { $0.text() }.joined(separator: ", "))",
      path: path, field: field)
  }

  /// Whether a field is there and null.
  package func saysNull(_ field: String) -> Bool { value[field]?.isNull == true }

  private func present(_ field: String) -> JSONValue? {
    guard let found = value[field], !found.isNull else { return nil }
    return found
  }

  private func wrong(_ field: String, _ found: JSONValue, _ expected: String) -> EncoderError {
    EncoderError(
      .malformed, "expected \(expected), found \(found.text())", path: path, field: field)
  }
}
