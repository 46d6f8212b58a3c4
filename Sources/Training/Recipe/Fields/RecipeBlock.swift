import JSONValues

/// One member of a block: its name, the values it takes, and the property that holds them.
struct Field<Block: Sendable>: Sendable {
  /// The key in JSON.
  let name: String
  /// Whether there is no default.
  let isRequired: Bool
  /// Whether the default follows from something else than the block, so that the schema names none.
  let isDerived: Bool
  /// The values as a JSON Schema, without the default.
  let schema: JSONObject
  /// Reads a value into the block's property.
  let read: @Sendable (JSONValue, FieldPath, inout Block) throws -> Void
  /// Writes the block's property.
  let write: @Sendable (Block) -> JSONValue

  init<Value>(
    _ name: String, _ property: any WritableKeyPath<Block, Value> & Sendable,
    _ kind: ValueKind<Value>,
    isRequired: Bool = false, isDerived: Bool = false
  ) {
    self.name = name
    self.isRequired = isRequired
    self.isDerived = isDerived
    schema = kind.schema
    read = { value, path, block in block[keyPath: property] = try kind.decode(value, path) }
    write = { block in kind.encode(block[keyPath: property]) }
  }

  /// The field of a block that is part of another block and shares its JSON object.
  init<Part>(_ field: Field<Part>, of part: any WritableKeyPath<Block, Part> & Sendable) {
    name = field.name
    isRequired = field.isRequired
    isDerived = field.isDerived
    schema = field.schema
    read = { value, path, block in try field.read(value, path, &block[keyPath: part]) }
    write = { block in field.write(block[keyPath: part]) }
  }
}

/// An object of the recipe whose members a table knows.
///
/// Reading, writing and the schema follow the table; there is no second list.
protocol RecipeBlock: Hashable, Sendable {
  /// Creates the block with every default; required members hold placeholders until read.
  init()
  /// The members, in the order in which the resolved recipe has them.
  static var fields: [Field<Self>] { get }
  /// Checks members against each other and fills in defaults that follow from other members.
  mutating func settle(at path: FieldPath) throws
}

extension RecipeBlock {
  mutating func settle(at path: FieldPath) throws {}

  /// Reads the block from an object.
  ///
  /// - Parameters:
  ///   - object: The object.
  ///   - path: Where it stands.
  ///   - others: Further names to offer when a key is unknown.
  /// - Throws: ``RecipeError`` with the path of the first member at fault.
  init(_ object: JSONObject, at path: FieldPath, others: [String] = []) throws {
    self.init()
    let fields = Self.fields
    for (key, value) in object.members {
      let place = path.member(key)
      if let field = fields.first(where: { $0.name == key }) {
        try field.read(value, place, &self)
      } else if let remark = BlockRemark(rawValue: key) {
        _ = try remark.kind.decode(value, place)
      } else {
        throw RecipeError.unknownKey(key, at: place, known: fields.map(\.name) + others)
      }
    }
    for field in fields where field.isRequired && object[field.name] == nil {
      throw RecipeError(.missingKey, "is required and missing", at: path.member(field.name))
    }
    try settle(at: path)
  }

  /// Every member, defaults included, in the order of the table.
  var encoded: JSONObject {
    JSONObject(Self.fields.map { (key: $0.name, value: $0.write(self)) })
  }

  /// The block as a JSON Schema.
  static var schema: JSONObject {
    let defaults = Self()
    var properties = JSONObject()
    for remark in BlockRemark.allCases { properties[remark.rawValue] = .object(remark.kind.schema) }
    for field in fields {
      var schema = field.schema
      if !field.isRequired, !field.isDerived { schema["default"] = field.write(defaults) }
      properties[field.name] = .object(schema)
    }
    let required = fields.filter(\.isRequired).map { JSONValue.string($0.name) }
    var schema: JSONObject = ["type": "object", "properties": .object(properties)]
    if !required.isEmpty { schema["required"] = .array(required) }
    schema["additionalProperties"] = false
    return schema
  }
}

extension ValueKind where Value: RecipeBlock {
  /// An object whose members `Value` knows.
  static var block: Self {
    let needed = Value.fields.filter(\.isRequired).map { "\"\($0.name)\"" }
    let expected = "an object" + (needed.isEmpty ? "" : " with " + needed.joined(separator: ", "))
    return ValueKind(
      expected: expected, schema: Value.schema,
      decode: { value, path in
        guard let object = value.object else { throw path.wrongType(value, expected: expected) }
        return try Value(object, at: path)
      },
      encode: { .object($0.encoded) })
  }
}

/// Keys that any block may have for its reader's sake; they are checked and otherwise not kept,
/// but where a block has a field of that name.
private enum BlockRemark: String, CaseIterable {
  case schema = "$schema"
  case name
  case notes

  var kind: ValueKind<String> { self == .notes ? .notes : .text }
}
