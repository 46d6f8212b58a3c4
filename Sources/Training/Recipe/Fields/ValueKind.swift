import JSONValues

/// The values that a field takes: how they are read, written back and described in the schema.
///
/// Kinds are put together from smaller ones, so that a table of fields says everything.
struct ValueKind<Value: Sendable>: Sendable {
  /// What a user may write, to follow "expected": `a number ≥ 0`.
  let expected: String
  /// The kind as a JSON Schema.
  let schema: JSONObject
  /// Reads a value that stands at a place in the recipe.
  let decode: @Sendable (JSONValue, FieldPath) throws -> Value
  /// Writes a value so that `decode` gives it back.
  let encode: @Sendable (Value) -> JSONValue
}

// MARK: - Texts and truth values

extension ValueKind<String> {
  /// Any string.
  static var text: Self { string(expected: "a string", minimumLength: 0) }

  /// A path or a name: a string that is not empty.
  static var path: Self { string(expected: "a string that is not empty", minimumLength: 1) }

  private static func string(expected: String, minimumLength: Int) -> Self {
    var schema: JSONObject = ["type": "string"]
    if minimumLength > 0 { schema["minLength"] = .integer(minimumLength) }
    return ValueKind(
      expected: expected, schema: schema,
      decode: { value, path in
        guard let text = value.string else { throw path.wrongType(value, expected: expected) }
        guard text.unicodeScalars.count >= minimumLength else {
          throw path.invalidValue(value, expected: expected)
        }
        return text
      },
      encode: { .string($0) })
  }

  /// Remarks: a string, or several, one for each line.
  static var notes: Self {
    let expected = "a string or a list of strings"
    return ValueKind(
      expected: expected,
      schema: ["type": ["string", "array"], "items": ["type": "string"]],
      decode: { value, path in
        if let text = value.string { return text }
        let lines = (value.array ?? []).compactMap(\.string)
        guard let elements = value.array, lines.count == elements.count else {
          throw path.wrongType(value, expected: expected)
        }
        return lines.joined(separator: "\n")
      },
      encode: { .string($0) })
  }
}

extension ValueKind<Bool> {
  /// `true` or `false`.
  static var flag: Self {
    ValueKind(
      expected: "true or false", schema: ["type": "boolean"],
      decode: { value, path in
        guard let flag = value.bool else { throw path.wrongType(value, expected: "true or false") }
        return flag
      },
      encode: { .bool($0) })
  }
}

extension ValueKind where Value: RawRepresentable<String> & CaseIterable {
  /// One of the names that an enumeration has.
  static var choice: Self {
    let names = Value.allCases.map(\.rawValue)
    let expected = Self.oneOf(names)
    return ValueKind(
      expected: expected, schema: ["enum": .array(names.map { .string($0) })],
      decode: { value, path in
        guard let name = value.string else { throw path.wrongType(value, expected: expected) }
        guard let choice = Value(rawValue: name) else {
          throw path.invalidValue(value, expected: expected)
        }
        return choice
      },
      encode: { .string($0.rawValue) })
  }

  private static func oneOf(_ names: [String]) -> String {
    let quoted = names.map { "\"\($0)\"" }
    guard let last = quoted.last, quoted.count > 1 else { return quoted.joined() }
    return quoted.dropLast().joined(separator: ", ") + " or " + last
  }
}
