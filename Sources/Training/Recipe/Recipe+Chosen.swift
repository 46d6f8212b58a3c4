internal import JSONValues

extension Recipe {
  /// The fields of the recipe that are not at their defaults, as paths: `args.learning_rate`,
  /// `evaluators[0].path`.
  ///
  /// A field is at its default if the recipe without it is the same.
  package var chosenFields: [String] {
    let whole = resolved()
    var chosen: [String] = []
    func look(at value: JSONValue, _ keys: [String], _ path: String) {
      if let object = value.object, object.count > 0 {
        for (key, member) in object.members {
          let here = keys + [key]
          if let recipe = try? Recipe(whole.removing(here[...])), recipe.resolved() == whole {
            continue
          }
          look(at: member, here, path.isEmpty ? key : "\(path).\(key)")
        }
      } else if let elements = value.array, elements.contains(where: { $0.object != nil }) {
        for (index, element) in elements.enumerated() {
          look(at: element, keys + [String(index)], "\(path)[\(index)]")
        }
      } else {
        chosen.append(path)
      }
    }
    look(at: whole, [], "")
    return chosen
  }
}

extension JSONValue {
  /// The value without the member at the end of a path of keys and indices.
  fileprivate func removing(_ keys: ArraySlice<String>) -> JSONValue {
    guard let key = keys.first else { return self }
    if var object = object {
      object[key] = keys.count == 1 ? nil : object[key]?.removing(keys.dropFirst())
      return .object(object)
    }
    guard var elements = array, let index = Int(key) else { return self }
    elements[index] = elements[index].removing(keys.dropFirst())
    return .array(elements)
  }
}
