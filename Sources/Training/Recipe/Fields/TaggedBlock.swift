import JSONValues

/// One of several kinds of block that stand in the same place and are told apart by a member that
/// names a class of sentence-transformers.
struct TaggedBlock<Union: Sendable>: Sendable {
  /// The class's name.
  let tag: String
  /// The block as a JSON Schema, without the tag.
  let schema: JSONObject
  /// Reads the block from its object, the tag taken out.
  let decode: @Sendable (JSONObject, FieldPath) throws -> Union
  /// Writes the block without the tag; nil if the value is another kind of block.
  let encode: @Sendable (Union) -> JSONObject?

  init<Block: RecipeBlock>(
    _ tag: String, _ wrap: @escaping @Sendable (Block) -> Union,
    _ unwrap: @escaping @Sendable (Union) -> Block?
  ) {
    self.tag = tag
    schema = Block.schema
    decode = { object, path in wrap(try Block(object, at: path)) }
    encode = { unwrap($0)?.encoded }
  }
}

extension ValueKind {
  /// An object of one of several kinds, one for each case of `Value`, named by the member `key`.
  static func tagged(by key: String, _ blocks: [TaggedBlock<Value>]) -> Self {
    let expected = "an object with \"\(key)\""
    let tags = blocks.map(\.tag)
    return ValueKind(
      expected: expected,
      schema: ["oneOf": .array(blocks.map { .object($0.schema(taggedBy: key)) })],
      decode: { value, path in
        guard var object = value.object else { throw path.wrongType(value, expected: expected) }
        let place = path.member(key)
        guard let name = object[key] else {
          let message = "is required and missing; it is one of \(tags.joined(separator: ", "))"
          throw RecipeError(.missingKey, message, at: place)
        }
        let tag = try ValueKind<String>.path.decode(name, place)
        guard let block = blocks.first(where: { $0.tag == tag }) else {
          let message = "\(name.shown) is not supported; supported: \(tags.joined(separator: ", "))"
          throw RecipeError(.unsupported, message, at: place)
        }
        object[key] = nil
        return try block.decode(object, path)
      },
      encode: { value in
        for block in blocks {
          guard let members = block.encode(value) else { continue }
          return .object(JSONObject([(key: key, value: .string(block.tag))] + members.pairs))
        }
        preconditionFailure("no tagged block stands for \(value); known: \(tags)")
      })
  }
}

extension TaggedBlock {
  fileprivate func schema(taggedBy key: String) -> JSONObject {
    var schema = schema
    let properties = schema["properties"]?.object ?? JSONObject()
    let tag: [(key: String, value: JSONValue)] = [(key: key, value: ["const": .string(tag)])]
    let others = properties.pairs.filter { $0.key != key }
    schema["properties"] = .object(JSONObject(tag + others))
    schema["required"] = .array([.string(key)] + (schema["required"]?.array ?? []))
    return schema
  }
}

extension JSONObject {
  /// The members as the initializer takes them.
  var pairs: [(key: String, value: JSONValue)] { members.map { (key: $0, value: $1) } }
}
