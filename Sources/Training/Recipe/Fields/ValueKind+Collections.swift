import JSONValues

extension ValueKind {
  /// A value or `null`.
  static func optional<Wrapped>(_ kind: ValueKind<Wrapped>) -> Self where Value == Wrapped? {
    let nothing: JSONValue = ["type": "null"]
    return ValueKind(
      expected: "\(kind.expected), or null",
      schema: ["anyOf": [.object(kind.schema), nothing]],
      decode: { value, path in
        if value.isNull { return nil }
        do {
          return try kind.decode(value, path)
        } catch let error as RecipeError where error.code == .wrongType {
          // Only the value itself: a fault further inside has a better message of its own.
          guard error.field == path.text else { throw error }
          throw path.wrongType(value, expected: "\(kind.expected), or null")
        }
      },
      encode: { $0.map(kind.encode) ?? .null })
  }

  /// A list of values of one kind, `atLeast` so many.
  static func list<Element>(of kind: ValueKind<Element>, atLeast: Int = 0) -> Self
  where Value == [Element] {
    let expected = "a list" + (atLeast > 0 ? " that is not empty" : "")
    var schema: JSONObject = ["type": "array", "items": .object(kind.schema)]
    if atLeast > 0 { schema["minItems"] = .integer(atLeast) }
    return ValueKind(
      expected: expected, schema: schema,
      decode: { value, path in
        guard let elements = value.array else { throw path.wrongType(value, expected: expected) }
        guard elements.count >= atLeast else { throw path.invalidValue(value, expected: expected) }
        return try elements.enumerated().map { try kind.decode($1, path.element($0)) }
      },
      encode: { .array($0.map(kind.encode)) })
  }

  /// A single value, or a list of such values; a list of one is written back as the value.
  static func oneOrMore<Element>(_ kind: ValueKind<Element>) -> Self where Value == [Element] {
    let list = ValueKind<[Element]>.list(of: kind, atLeast: 1)
    return ValueKind(
      expected: "\(kind.expected) or a list",
      schema: ["anyOf": [.object(kind.schema), .object(list.schema)]],
      decode: { value, path in
        value.array == nil ? [try kind.decode(value, path)] : try list.decode(value, path)
      },
      encode: { $0.count == 1 ? kind.encode($0[0]) : list.encode($0) })
  }

  /// An object from names of the user's own to values of one kind, in the order written.
  static func named<Element>(_ kind: ValueKind<Element>) -> Self where Value == [Named<Element>] {
    let expected = "an object from names to values, each \(kind.expected)"
    return ValueKind(
      expected: expected,
      schema: ["type": "object", "additionalProperties": .object(kind.schema)],
      decode: { value, path in
        guard let object = value.object else { throw path.wrongType(value, expected: expected) }
        return try object.members.map { name, value in
          Named(name: name, value: try kind.decode(value, path.member(name)))
        }
      },
      encode: { .object(JSONObject($0.map { (key: $0.name, value: kind.encode($0.value)) })) })
  }

  /// One value, or with several data sets an object from their names to values.
  ///
  /// An object in which a member is an object must be the second form, unless it has the member that
  /// every block here has and that is a string there.
  static func perDataset<Element>(_ kind: ValueKind<Element>, unless member: String) -> Self
  where Value == PerDataset<Element> {
    let named = ValueKind<[Named<Element>]>.named(kind)
    return ValueKind(
      expected: kind.expected,
      schema: ["anyOf": [.object(kind.schema), .object(named.schema)]],
      decode: { value, path in
        if let object = value.object, object[member]?.string == nil,
          object.values.contains(where: { $0.object != nil })
        {
          return .named(try named.decode(value, path))
        }
        return .one(try kind.decode(value, path))
      },
      encode: { value in
        switch value {
        case .one(let value): kind.encode(value)
        case .named(let values): named.encode(values)
        }
      })
  }
}

/// A value under a name that the user chose.
public struct Named<Value: Sendable>: Sendable {
  /// The name.
  public var name: String
  /// The value.
  public var value: Value

  /// Creates a named value.
  public init(name: String, value: Value) {
    self.name = name
    self.value = value
  }
}

extension Named: Equatable where Value: Equatable {}
extension Named: Hashable where Value: Hashable {}

/// What is given once, or for each of several data sets by name.
public enum PerDataset<Value: Sendable>: Sendable {
  /// The same for all.
  case one(Value)
  /// By the name of the data set, in the order written.
  case named([Named<Value>])
}

extension PerDataset: Equatable where Value: Equatable {}
extension PerDataset: Hashable where Value: Hashable {}

extension PerDataset {
  /// The values in order.
  public var values: [Value] {
    switch self {
    case .one(let value): [value]
    case .named(let values): values.map(\.value)
    }
  }

  /// The values in order, each with the name of its data set; nil for the only one.
  var entries: [(name: String?, value: Value)] {
    switch self {
    case .one(let value): [(nil, value)]
    case .named(let values): values.map { ($0.name, $0.value) }
    }
  }

  /// The data sets' names in order; nil if there is one without a name.
  public var names: [String]? {
    switch self {
    case .one: nil
    case .named(let values): values.map(\.name)
    }
  }
}
