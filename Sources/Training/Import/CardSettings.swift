import JSONValues

/// The arguments of a card's run, out of its lists and of its prose.
struct CardSettings {
  /// The arguments in the card's order, those of the first list first.
  private(set) var arguments = JSONObject()
  /// How many arguments were left out: they have the trainer's defaults, or no effect here.
  private(set) var leftOutCount = 0
  /// What contradicts, and what is not known.
  private(set) var remarks: [String] = []

  /// - Parameters:
  ///   - card: The card.
  ///   - keepsAll: Whether arguments that have the trainer's defaults, or no effect, are kept.
  init(_ card: CardText, keepsAll: Bool) {
    var found = JSONObject()
    let lists = CardArguments(in: card.body).lists
    // The first of two lists is of what a person chose, and what contradicts must be seen.
    var shown = Set(lists.count > 1 ? lists[0].map(\.name) : [])
    for argument in lists.joined() {
      guard argument.isKnown else {
        remarks.append(
          "\(argument.name): \(argument.value) is left out: no release of the trainer has such an "
            + "argument")
        continue
      }
      let value = Self.value(argument.value)
      if let first = found[argument.name] {
        guard first != value else { continue }
        shown.insert(argument.name)
        remarks.append(
          "args.\(argument.name): the card contradicts itself, it says \(first.text()) first and "
            + "\(value.text()) later; the first is taken")
      } else {
        found[argument.name] = value
      }
    }
    for (name, labels) in Self.proseLabels where found[name] == nil {
      guard let value = labels.lazy.compactMap({ Self.number(card.value(ofLine: $0)) }).first
      else { continue }
      found[name] = value
    }
    for (name, value) in found.members {
      if let complaint = Self.complaint(about: name, value) {
        remarks.append("args.\(name): \(value.text()) is left out: \(complaint)")
      } else if keepsAll || shown.contains(name) || !Self.isIdle(name, value) {
        arguments[name] = value
      } else {
        leftOutCount += 1
      }
    }
  }

  /// What prose calls arguments, at the start of a line.
  private static let proseLabels: [(name: String, labels: [String])] = [
    ("per_device_train_batch_size", ["batch size", "train batch size", "batch_size"]),
    ("learning_rate", ["learning rate", "lr"]),
    ("num_train_epochs", ["epochs", "epoch", "number of epochs", "num epochs"]),
    ("warmup_ratio", ["warmup ratio", "warm-up ratio"]),
    ("warmup_steps", ["warmup steps", "warm-up steps"]),
    ("weight_decay", ["weight decay"]), ("seed", ["random seed"]),
  ]

  /// A value as JSON has it.
  private static func value(_ text: String) -> JSONValue {
    (try? JSONValue(parsing: text)) ?? PythonLiteral.value(of: .string(text))
  }

  private static func number(_ text: String?) -> JSONValue? {
    guard let word = text?.split(separator: " ").first else { return nil }
    let value = value(String(word.filter { $0 != "," }))
    return value.double == nil ? nil : value
  }

  /// What reading says against an argument; nil if nothing.
  private static func complaint(about name: String, _ value: JSONValue) -> String? {
    do { _ = try decoded(name, value) } catch let error as RecipeError {
      // Conflicts with other arguments are for the whole recipe to find.
      return error.code == .conflict ? nil : error.message
    } catch { return String(describing: error) }
    return nil
  }

  /// Whether a recipe says the same with and without an argument.
  private static func isIdle(_ name: String, _ value: JSONValue) -> Bool {
    guard var arguments = try? decoded(name, value) else { return false }
    arguments.withoutEffect = JSONObject()
    return arguments == TrainingArguments()
  }

  private static func decoded(_ name: String, _ value: JSONValue) throws -> TrainingArguments {
    try TrainingArguments.kind.decode(.object([name: value]), .root.member("args"))
  }
}
