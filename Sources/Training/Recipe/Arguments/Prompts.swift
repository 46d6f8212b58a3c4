import JSONValues

/// Texts put before the texts of a column, in training and evaluation.
public enum Prompts: Hashable, Sendable {
  /// None.
  case none
  /// One for every column.
  case all(String)
  /// By the name of a column or of a data set.
  case named([Named<Entry>])

  /// What stands under a name.
  public enum Entry: Hashable, Sendable {
    /// The prompt of a column, or of all columns of a data set.
    case prompt(String)
    /// The prompts of a data set's columns.
    case columns([Named<String>])
  }
}

extension Prompts {
  /// The prompt of a column, as sentence-transformers finds it.
  ///
  /// - Parameters:
  ///   - column: The column's name.
  ///   - dataset: The data set's name; nil if there is only one, without a name.
  /// - Returns: The text to put before each of the column's texts; nil if there is none.
  public func prompt(forColumn column: String, of dataset: String? = nil) -> String? {
    switch self {
    case .none: return nil
    case .all(let prompt): return prompt
    case .named(let entries):
      let own = dataset.flatMap { name in entries.first { $0.name == name } }
      switch own?.value ?? entries.first(where: { $0.name == column })?.value {
      case .prompt(let prompt): return own == nil && isByDataset ? nil : prompt
      case .columns(let prompts) where own != nil:
        return prompts.first { $0.name == column }?.value
      case .columns, nil: return nil
      }
    }
  }

  /// Whether the names are those of data sets, each with prompts by column.
  ///
  /// The first entry decides, as in the peer.
  public var isByDataset: Bool {
    if case .named(let entries) = self, case .columns = entries.first?.value { return true }
    return false
  }
}

extension ValueKind<Prompts> {
  /// `null`, a prompt, or an object of prompts by column, data set or both.
  static var prompts: Self {
    let expected = "a string, an object of prompts by column or data set, or null"
    let prompt = ValueKind<String>.text
    let columns = ValueKind<[Named<String>]>.named(prompt)
    let entry = ValueKind<Prompts.Entry>(
      expected: "a string or an object of prompts by column",
      schema: ["anyOf": [.object(prompt.schema), .object(columns.schema)]],
      decode: { value, path in
        switch value {
        case .string(let text): return .prompt(text)
        case .object: return .columns(try columns.decode(value, path))
        default:
          throw path.wrongType(value, expected: "a string or an object of prompts by column")
        }
      },
      encode: { entry in
        switch entry {
        case .prompt(let text): .string(text)
        case .columns(let prompts): columns.encode(prompts)
        }
      })
    let entries = ValueKind<[Named<Prompts.Entry>]>.named(entry)
    return ValueKind(
      expected: expected,
      schema: ["anyOf": [.object(prompt.schema), .object(entries.schema), ["type": "null"]]],
      decode: { value, path in
        switch value {
        case .null: return .none
        case .string(let text): return .all(text)
        case .object(let object):
          return object.count == 0 ? .none : .named(try entries.decode(value, path))
        default: throw path.wrongType(value, expected: expected)
        }
      },
      encode: { prompts in
        switch prompts {
        case .none: .null
        case .all(let text): .string(text)
        case .named(let named): entries.encode(named)
        }
      })
  }
}
