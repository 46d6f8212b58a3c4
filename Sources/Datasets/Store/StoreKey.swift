import JSONValues

/// What a part of a store was made from and how: another key is another part.
package struct StoreKey: Hashable, Sendable {
  /// What a part holds.
  package enum Kind: String, Sendable, CaseIterable {
    /// The token ids of texts: ``TokenTable``.
    case tokens
    /// Embeddings by text: ``EmbeddingStore``.
    case embeddings
    /// Clusters of texts: ``ClusterTable``.
    case clusters
  }

  /// A field's value.
  package enum Value: Hashable, Sendable {
    /// A text without NUL.
    case text(String)
    /// A number.
    case integer(Int)
  }

  /// A name that stands in the file, as `tokenizer_sha256`, and its value.
  package struct Field: Sendable {
    /// The name.
    package let name: String
    /// The value.
    package let value: Value
  }

  /// Attributes of a part that are not fields.
  static let reserved = [
    "ktrain_format", "kind", "description", "rows", "created_by", "key_fields", "key_sha256",
  ]

  /// What the part holds.
  package let kind: Kind
  /// In the order in which they are compared.
  package let fields: [Field]
  /// SHA-256 over kind and fields in 64 hexadecimal digits; the order of the fields is no part of it.
  package let digest: String

  /// Creates a key.
  ///
  /// - Parameters:
  ///   - kind: What the part holds.
  ///   - fields: All that the content depends on; no name twice.
  package init(_ kind: Kind, _ fields: KeyValuePairs<String, Value>) {
    self.init(kind, fields.map { Field(name: $0.key, value: $0.value) })
  }

  init(_ kind: Kind, _ fields: [Field]) {
    let names = fields.map(\.name)
    precondition(Set(names).count == names.count, "a field stands twice in \(names)")
    precondition(
      Set(names).isDisjoint(with: Self.reserved), "a reserved name is among the fields \(names)")
    self.kind = kind
    self.fields = fields
    let members = fields.sorted { $0.name < $1.name }.map { (key: $0.name, value: $0.value.json) }
    let json: JSONValue = ["kind": .string(kind.rawValue), "fields": .object(JSONObject(members))]
    digest = SHA256.digits(of: json.text())
  }

  /// The name of a file of this key.
  func fileName(shard: String? = nil) -> String {
    "\(fileNamePrefix)\(shard.map { "-" + $0 } ?? "").h5"
  }

  var fileNamePrefix: String { "\(kind)-\(digest.prefix(16))" }

  /// How a part that was made for `other` differs, in words; nil if it does not.
  func difference(from other: StoreKey) -> String? {
    if digest == other.digest { return nil }
    if kind != other.kind { return "kind: the store holds \(other.kind), expected \(kind)" }
    for name in fields.map(\.name) + other.fields.map(\.name) {
      let (expected, found) = (self[name], other[name])
      if expected?.bytes == found?.bytes { continue }
      let made = found.map { "with \($0)" } ?? "without it"
      return "\(name): the store was made \(made), this run has \(expected?.description ?? "none")"
    }
    return "the key's digest differs"
  }

  private subscript(name: String) -> Value? { fields.first { $0.name == name }?.value }

  /// Whether the parts are the same.
  package static func == (one: Self, other: Self) -> Bool { one.digest == other.digest }

  /// Feeds the digest to a hasher.
  package func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}

extension StoreKey.Value: CustomStringConvertible, ExpressibleByStringLiteral,
  ExpressibleByIntegerLiteral
{
  /// Creates a text.
  package init(stringLiteral text: String) { self = .text(text) }
  /// Creates a number.
  package init(integerLiteral number: Int) { self = .integer(number) }

  /// The value as JSON writes it.
  package var description: String { json.text() }

  fileprivate var bytes: [UInt8] { Array(description.utf8) }

  fileprivate var json: JSONValue {
    switch self {
    case .text(let text): .string(text)
    case .integer(let number): .integer(number)
    }
  }
}
