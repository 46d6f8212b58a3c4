/// The members of a JSON object in the order in which they were written.
public struct JSONObject: Hashable, Sendable {
  /// The members' names in order.
  public private(set) var keys: [String]
  /// The members' values, one for each of `keys`.
  public private(set) var values: [JSONValue]
  /// Where each key stands; only for objects in which a search from the front would be slow.
  private var positions: [String: Int]?

  private static let largestSearched = 16

  /// Creates an object.
  ///
  /// - Parameter members: Names and values; a later member replaces an earlier one of its name.
  public init(_ members: [(key: String, value: JSONValue)] = []) {
    keys = []
    values = []
    for member in members { self[member.key] = member.value }
  }

  /// Creates an object of members whose names are known to be distinct.
  package init(distinctKeys keys: [String], values: [JSONValue]) {
    self.keys = keys
    self.values = values
    if keys.count > Self.largestSearched { indexKeys() }
  }

  /// How many members there are.
  public var count: Int { keys.count }

  /// Names and values in order.
  public var members: some Sequence<(String, JSONValue)> { zip(keys, values) }

  /// The value of a member, nil if there is none.
  ///
  /// Setting nil removes the member; setting a new name appends it.
  public subscript(key: String) -> JSONValue? {
    get { index(of: key).map { values[$0] } }
    set {
      switch (index(of: key), newValue) {
      case (let index?, let value?):
        values[index] = value
      case (let index?, nil):
        keys.remove(at: index)
        values.remove(at: index)
        positions = nil
      case (nil, let value?):
        keys.append(key)
        values.append(value)
        if keys.count > Self.largestSearched { indexKeys() }
      case (nil, nil):
        break
      }
    }
  }

  /// Whether both have the same members in the same order.
  public static func == (one: JSONObject, other: JSONObject) -> Bool {
    one.keys == other.keys && one.values == other.values
  }

  /// Feeds the members to a hasher.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(keys)
    hasher.combine(values)
  }

  private func index(of key: String) -> Int? {
    if let positions { return positions[key] }
    return keys.firstIndex(of: key)
  }

  private mutating func indexKeys() {
    if positions != nil {
      positions?[keys[keys.count - 1]] = keys.count - 1
    } else {
      positions = Dictionary(zip(keys, keys.indices), uniquingKeysWith: { first, _ in first })
    }
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// Creates an object from a literal.
  public init(dictionaryLiteral members: (String, JSONValue)...) {
    self.init(members.map { (key: $0.0, value: $0.1) })
  }
}
