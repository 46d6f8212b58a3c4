internal import JSONValues

/// The recipe, what somebody chose in bold and before the rest.
struct RecipeSection {
  let run: RunRecord

  var markup: Markup? {
    guard let recipe = run.recipe?.object else { return nil }
    let fields = RecipeField.list(of: recipe, chosen: run.facts.chosen)
    guard run.facts.chosen != nil else {
      return Page.section("Recipe", [table(fields, "All fields of the recipe")])
    }
    let chosen = fields.filter(\.isChosen)
    return Page.section(
      "Recipe",
      [
        "<p class=\"note\">What differs from the defaults; all fields are below.</p>\n",
        table(chosen, "Fields of the recipe that differ from the defaults"),
        Page.details(
          "All \(fields.count) fields, those that differ in bold",
          table(fields, "All fields of the recipe")),
      ])
  }

  private func table(_ fields: [RecipeField], _ caption: String) -> Markup {
    let rows = fields.map { field -> Markup in
      let style: Markup? = field.isChosen ? " class=\"chosen\"" : nil
      return """
        <tr\(style)><th scope="row"><code>\(field.path)</code></th><td>\(field.text)</td></tr>
        """
    }
    return """
      <div class="scroll" tabindex="0" role="region" aria-label="\(caption)"><table class="text stacked">\
      <caption>\(caption)</caption><thead><tr><th scope="col">Field</th><th scope="col">Value</th>\
      </tr></thead><tbody>\(rows)</tbody></table></div>
      """
  }
}

/// A field of a recipe that is no block of others.
struct RecipeField: Hashable, Sendable {
  /// Where it stands: `args.learning_rate`, `evaluators[0].name`.
  let path: String
  let value: JSONValue
  /// Whether it is not at its default.
  let isChosen: Bool

  /// The value for people.
  var text: String {
    let text = value.string ?? value.array?.lines ?? value.text()
    return text.isEmpty ? "(empty)" : text.cut(to: 2000)
  }

  /// The fields of a recipe in its order.
  static func list(of recipe: JSONObject, chosen: Set<String>?) -> [RecipeField] {
    var fields: [RecipeField] = []
    func add(_ value: JSONValue, at path: String, isChosen: Bool) {
      let isChosen = isChosen || chosen?.contains(path) == true
      if let object = value.object, object.count > 0 {
        for (key, member) in object.members {
          add(member, at: path.isEmpty ? key : "\(path).\(key)", isChosen: isChosen)
        }
      } else if let elements = value.array, elements.contains(where: { $0.object != nil }) {
        for (index, element) in elements.enumerated() {
          add(element, at: "\(path)[\(index)]", isChosen: isChosen)
        }
      } else {
        fields.append(RecipeField(path: path, value: value, isChosen: isChosen))
      }
    }
    add(.object(recipe), at: "", isChosen: false)
    return fields
  }
}

extension [JSONValue] {
  /// Texts, one after the other; nil if there is something else among them.
  fileprivate var lines: String? {
    let texts = compactMap(\.string)
    return texts.count == count && count > 0 ? texts.joined(separator: ", ") : nil
  }
}
