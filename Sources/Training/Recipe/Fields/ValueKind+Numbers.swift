import JSONValues

extension ValueKind<Int> {
  /// No run counts further; what is reckoned with smaller numbers does not overflow.
  static let largestCount = 1 << 40

  /// An integer within bounds, ``largestCount`` if no other is given; a number with an integral value
  /// (`3.0`) counts as one.
  static func integer(atLeast: Int? = nil, atMost: Int = largestCount) -> Self {
    let bounds = Bounds(atLeast: atLeast, atMost: atMost == largestCount ? nil : atMost)
    let expected = "an integer" + bounds.text
    return ValueKind(
      expected: expected, schema: bounds.schema(type: "integer") { .integer($0) },
      decode: { value, path in
        guard let number = value.integer else { throw path.wrongType(value, expected: expected) }
        guard bounds.contains(number) else { throw path.invalidValue(value, expected: expected) }
        guard number <= atMost else {
          throw path.invalidValue(value, expected: expected + " and ≤ \(atMost)")
        }
        return number
      },
      encode: { .integer($0) })
  }
}

extension ValueKind<Double> {
  /// A number within bounds.
  static func number(
    atLeast: Double? = nil, above: Double? = nil, below: Double? = nil, atMost: Double? = nil
  ) -> Self {
    let bounds = Bounds(atLeast: atLeast, above: above, below: below, atMost: atMost)
    let expected = "a number" + bounds.text
    return ValueKind(
      expected: expected, schema: bounds.schema(type: "number") { .number($0) },
      decode: { value, path in
        guard let number = value.double else { throw path.wrongType(value, expected: expected) }
        guard bounds.contains(number) else { throw path.invalidValue(value, expected: expected) }
        return number
      },
      encode: { .number($0) })
  }
}

/// The ends of an interval, each of which may be open, closed or missing.
private struct Bounds<Number: Comparable & Sendable>: Sendable {
  var atLeast: Number?
  var above: Number?
  var below: Number?
  var atMost: Number?

  func contains(_ number: Number) -> Bool {
    if let atLeast, number < atLeast { return false }
    if let above, number <= above { return false }
    if let below, number >= below { return false }
    if let atMost, number > atMost { return false }
    return true
  }

  /// The bounds in words, to follow "a number": ` ≥ 0 and < 1`.
  var text: String {
    let conditions = [("≥", atLeast), (">", above), ("<", below), ("≤", atMost)]
    let parts = conditions.compactMap { sign, bound in bound.map { " \(sign) \(shown($0))" } }
    return parts.joined(separator: " and")
  }

  func schema(type: String, _ value: (Number) -> JSONValue) -> JSONObject {
    var schema: JSONObject = ["type": .string(type)]
    schema["minimum"] = atLeast.map(value)
    schema["exclusiveMinimum"] = above.map(value)
    schema["exclusiveMaximum"] = below.map(value)
    schema["maximum"] = atMost.map(value)
    return schema
  }

  private func shown(_ number: Number) -> String {
    let text = "\(number)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
