import JSONValues

extension Recipe {
  /// What the model's card says beyond the run, under the names of the peer's
  /// `SentenceTransformerModelCardData`.
  public struct ModelCardData: Hashable, Sendable {
    /// The languages of the model, as ISO 639-1 codes.
    public var language: [String]?
    /// The licence, as an identifier of the hub: `apache-2.0`.
    public var license: String?
    /// The title of the card.
    public var modelName: String?
    /// The hub's name of the model that training starts from: `owner/name`.
    public var baseModel: String?
    /// The hub's names of the training data.
    public var datasets: [String]?
    /// Further tags.
    public var tags: [String]?

    package init() {}
  }
}

extension Recipe.ModelCardData: RecipeBlock {
  static let fields: [Field<Self>] = [
    Field("language", \.language, .optional(.oneOrMore(.path))),
    Field("license", \.license, .optional(.path)),
    Field("model_name", \.modelName, .optional(.path)),
    Field("base_model", \.baseModel, .optional(.path)),
    Field("datasets", \.datasets, .optional(.oneOrMore(.path))),
    Field("tags", \.tags, .optional(.oneOrMore(.path))),
  ]

  /// The hub refuses a card whose models and data sets are no names of its own.
  mutating func settle(at path: FieldPath) throws {
    let names =
      (baseModel.map { [("base_model", $0)] } ?? []) + (datasets ?? []).map { ("datasets", $0) }
    for (field, name) in names {
      let allowed = name.allSatisfy {
        $0.isASCII && ($0.isLetter || $0.isNumber || "-_./".contains($0))
      }
      guard allowed, name.split(separator: "/", omittingEmptySubsequences: false).count <= 2,
        !name.hasPrefix("/"), !name.hasSuffix("/")
      else {
        throw path.member(field).invalidValue(
          .string(name), expected: "a name on the hub: owner/name")
      }
    }
  }
}
