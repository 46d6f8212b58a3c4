import JSONValues

/// A value in a tokenizer's file together with its place, so that whatever is wrong with it can be
/// reported where it stands.
struct Field {
  let value: JSONValue
  /// As `normalizer.normalizers[1].type`; empty for the whole file.
  let name: String
  let path: String

  /// The fault `message` at this place.
  func fault(
    _ message: String, code: TokenizerError.Code = .malformed
  ) -> TokenizerError {
    TokenizerError(code: code, message: message, path: path, field: name.isEmpty ? nil : name)
  }

  func expected(_ kind: String) -> TokenizerError {
    fault("expected \(kind), found \(value.kind)")
  }

  // MARK: - Scalars

  func string() throws(TokenizerError) -> String {
    guard let string = value.string else { throw expected("a string") }
    return string
  }

  func bool() throws(TokenizerError) -> Bool {
    guard let bool = value.bool else { throw expected("a boolean") }
    return bool
  }

  func integer(in range: ClosedRange<Int>) throws(TokenizerError) -> Int {
    guard let integer = value.integer, range.contains(integer) else {
      throw expectedInteger(in: range)
    }
    return integer
  }

  /// The fault of a value that is no integer in `range`.
  func expectedInteger(in range: ClosedRange<Int>) -> TokenizerError {
    guard let integer = value.integer else { return expected("an integer") }
    return fault(
      "\(integer) is out of range; expected \(range.lowerBound)...\(range.upperBound)")
  }

  /// A token id: it has to fit the vocabulary's index.
  func id() throws(TokenizerError) -> Int32 { Int32(try integer(in: Self.ids)) }

  /// The ids that a token may have.
  static let ids = 0...Trie.largestValue

  // MARK: - Members

  /// The member `key`, nil if it is absent or null.
  subscript(key: String) -> Field? {
    guard let member = value[key], !member.isNull else { return nil }
    return Field(value: member, name: name.isEmpty ? key : "\(name).\(key)", path: path)
  }

  func member(_ key: String) throws(TokenizerError) -> Field {
    guard value.object != nil else { throw expected("an object") }
    guard let member = self[key] else { throw fault("\"\(key)\" is missing") }
    return member
  }

  func elements() throws(TokenizerError) -> [Field] {
    guard let array = value.array else { throw expected("an array") }
    return array.enumerated().map { element($0.offset, $0.element) }
  }

  /// The element `value` at `index`, for those who walk a long array without a field for each.
  func element(_ index: Int, _ value: JSONValue) -> Field {
    Field(value: value, name: "\(name)[\(index)]", path: path)
  }

  /// The member `value` under `key`, for those who walk a large object; keys are any strings.
  func entry(_ key: String, _ value: JSONValue) -> Field {
    Field(value: value, name: "\(name)[\"\(key)\"]", path: path)
  }

  func object() throws(TokenizerError) -> JSONObject {
    guard let object = value.object else { throw expected("an object") }
    return object
  }

  /// Refuses members other than `known`: an option that nobody honours must not pass unseen.
  func allowOnly(_ known: String...) throws(TokenizerError) {
    for key in try object().keys where !known.contains(key) {
      throw TokenizerError(
        code: .unsupported,
        message: "this option is not known; known here: \(known.joined(separator: ", "))",
        path: path, field: name.isEmpty ? key : "\(name).\(key)")
    }
  }

  /// The step's `type`.
  func type() throws(TokenizerError) -> String { try member("type").string() }

  /// The fault of a step whose type is not among `known`.
  func unsupportedType(known: [String]) throws(TokenizerError) -> TokenizerError {
    let type = try member("type")
    return type.fault(
      "\"\(try type.string())\" is not supported; supported here: \(known.joined(separator: ", "))",
      code: .unsupported)
  }
}
