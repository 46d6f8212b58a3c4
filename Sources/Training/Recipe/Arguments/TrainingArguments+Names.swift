import JSONValues

extension TrainingArguments {
  /// Every name that a recipe may use in `args`, each once.
  package static var knownNames: [String] {
    fields.map(\.name) + aliases.map(\.name) + ignored + unsupported.map(\.name)
  }

  /// The block `args`: each name is honoured, without effect, or only allowed at values that
  /// switch it off.
  static var kind: ValueKind<Self> {
    ValueKind(
      expected: "an object", schema: schemaOfAllNames,
      decode: { value, path in
        guard let object = value.object else { throw path.wrongType(value, expected: "an object") }
        return try Self(allNames: object, at: path)
      },
      encode: { .object(JSONObject($0.encoded.pairs + $0.withoutEffect.pairs)) })
  }

  private init(allNames object: JSONObject, at path: FieldPath) throws {
    var honoured = JSONObject()
    var withoutEffect = JSONObject()
    var origins: [String: String] = [:]
    for (name, written) in object.members {
      let value = PythonLiteral.value(of: written)
      if let argument = Self.unsupported.first(where: { $0.name == name }) {
        try argument.check(value, at: path.member(name))
      } else if Self.ignored.contains(name) {
        withoutEffect[name] = value
      } else if let alias = Self.aliases.first(where: { $0.name == name }) {
        if !value.isNull { try set(alias.of, value, from: name) }
      } else {
        try set(name, value, from: name)
      }
    }
    func set(_ name: String, _ value: JSONValue, from origin: String) throws {
      if let other = honoured[name], other != value {
        let message = "is another name of \(origins[name] ?? name), which says otherwise; keep one"
        throw RecipeError(.conflict, message, at: path.member(origin))
      }
      honoured[name] = value
      origins[name] = origin
    }
    try self.init(honoured, at: path, others: Self.knownNames)
    self.withoutEffect = withoutEffect
  }

  private static var schemaOfAllNames: JSONObject {
    var schema = schema
    var properties = schema["properties"]?.object ?? JSONObject()
    for (name, original) in aliases {
      guard let kind = fields.first(where: { $0.name == original })?.schema else { continue }
      properties[name] = ["anyOf": [.object(kind), ["type": "null"]], "deprecated": true]
    }
    for name in ignored { properties[name] = ["description": "no effect"] }
    for argument in unsupported { properties[argument.name] = argument.schema }
    schema["properties"] = .object(properties)
    return schema
  }
}
