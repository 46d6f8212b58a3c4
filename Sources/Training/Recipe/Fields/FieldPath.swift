import JSONValues

/// Where a value stands in the recipe, as users write it: `args.prompts.anchor`,
/// `evaluators[0].name`.
struct FieldPath: Hashable, Sendable {
  /// The path; empty for the recipe itself.
  let text: String

  static let root = FieldPath(text: "")

  func member(_ name: String) -> FieldPath {
    FieldPath(text: text.isEmpty ? name : "\(text).\(name)")
  }

  func element(_ index: Int) -> FieldPath { FieldPath(text: "\(text)[\(index)]") }

  /// Whether `other` is this place or lies inside it.
  func contains(_ other: FieldPath) -> Bool {
    text.isEmpty || other.text == text || other.text.hasPrefix(text + ".")
      || other.text.hasPrefix(text + "[")
  }
}

extension FieldPath {
  /// The error of a value of another kind than `expected`.
  func wrongType(_ value: JSONValue, expected: String) -> RecipeError {
    RecipeError(.wrongType, "expected \(expected), found \(value.shown)", at: self)
  }

  /// The error of a value that is of the right kind and yet not allowed.
  func invalidValue(_ value: JSONValue, expected: String) -> RecipeError {
    RecipeError(.invalidValue, "expected \(expected), found \(value.shown)", at: self)
  }
}

extension JSONValue {
  /// The value for an error message: scalars themselves, on one line and shortened; arrays and
  /// objects by their kind, unless they are empty.
  var shown: String {
    switch self {
    case .array(let elements) where !elements.isEmpty: return kind
    case .object(let object) where object.count > 0: return kind
    default:
      let text = text()
      return text.count <= 60 ? text : text.prefix(56) + "…\""
    }
  }
}
