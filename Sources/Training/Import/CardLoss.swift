import JSONValues

/// The loss that a card names, with its parameters.
struct CardLoss {
  /// The block `loss` of a recipe.
  private(set) var block: JSONObject
  /// What is missing, and what is guessed.
  private(set) var remarks: [String] = []

  init(_ card: CardText) {
    let declared =
      card.frontMatter("tags").filter { $0.hasPrefix("loss:") }.map { String($0.dropFirst(5)) }
      + card.body.matches(of: #/[Ll]oss\**:?[^\n]{0,20}?\b([A-Za-z0-9]+Loss)\b/#).map {
        String($0.1)
      }
    let mentioned = card.body.matches(of: #/\b[A-Z][A-Za-z0-9]+Loss\b/#).map { String($0.0) }
    let supported = Set(Self.parameters.keys)
    let names = (declared + mentioned).reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    let name = names.first { supported.contains($0) }
    block = ["name": .string(name ?? "MultipleNegativesRankingLoss")]
    if name == "MatryoshkaLoss" {
      let inner = names.first { supported.contains($0) && $0 != name }
      block["loss"] = ["name": .string(inner ?? "MultipleNegativesRankingLoss")]
      remarks.append(
        "loss.loss: a card does not list the inner loss's parameters: defaults are taken")
    }
    let inner = block["loss"]?["name"]?.string
    let others = names.filter { $0 != name && $0 != inner }.joined(separator: ", ")
    if name == nil {
      remarks.append(
        "loss is not in the card\(others.isEmpty ? "" : " but for \(others), not supported"): "
          + "MultipleNegativesRankingLoss stands in for it")
    } else if let name, !declared.contains(name) {
      remarks.append("loss: \(name) is mentioned in the card, not stated: make sure of it")
    }
    if name != nil, !others.isEmpty {
      remarks.append("loss: the card names \(others), too")
    }
    readParameters(card.body)
    readTemperature(card.body)
    if name?.contains("GIST") == true {
      block["guide"] = "models/guide"
      remarks.append("loss.guide: the card does not say where the guide is: put its directory here")
    } else if inner?.contains("GIST") == true, var object = block["loss"]?.object {
      object["guide"] = "models/guide"
      block["loss"] = .object(object)
      remarks.append(
        "loss.loss.guide: the card does not say where the guide is: put its directory here")
    }
  }

  /// The constructors' parameters, by class.
  private static let parameters: [String: [String]] = {
    var names: [String: [String]] = [:]
    names["MultipleNegativesRankingLoss"] = Recipe.RankingLoss.fields.map(\.name)
    names["CachedMultipleNegativesRankingLoss"] = Recipe.CachedRankingLoss.fields.map(\.name)
    names["GISTEmbedLoss"] = Recipe.GISTLoss.fields.map(\.name)
    names["CachedGISTEmbedLoss"] = Recipe.CachedGISTLoss.fields.map(\.name)
    names["MarginMSELoss"] = Recipe.MarginMSELoss.fields.map(\.name)
    names["DistillKLDivLoss"] = Recipe.DistillKLDivLoss.fields.map(\.name)
    names["MatryoshkaLoss"] = Recipe.MatryoshkaLoss.fields.map(\.name)
    return names
  }()

  private var known: [String] { Self.parameters[block["name"]?.string ?? ""] ?? [] }

  /// Reads the JSON behind "with these parameters".
  private mutating func readParameters(_ text: String) {
    // Evaluators have parameters, too.
    let data = text.firstRange(of: "Training Dataset")?.upperBound ?? text.startIndex
    guard let start = text[data...].firstRange(of: "with these parameters")?.upperBound,
      let json = text[start...].firstMatch(of: #/\{[^}]*\}/#)?.0,
      let object = try? JSONValue(parsing: String(json)).object
    else {
      remarks.append("the loss's parameters are not in the card: its defaults are taken")
      return
    }
    for (name, value) in object.members where name != "guide" && name != "loss" {
      // What the peer writes of every run; of one on one device it says nothing.
      if name == "gather_across_devices", value == false { continue }
      if known.contains(name) {
        block[name] = value
      } else {
        remarks.append("loss.\(name): \(value.text()) is left out: the loss has no such argument")
      }
    }
  }

  /// Reads a temperature that prose mentions, which the ranking losses call 1 / scale.
  private mutating func readTemperature(_ text: String) {
    guard block["temperature"] == nil, block["scale"] == nil,
      let digits = text.firstMatch(of: #/temperature[ :=]+(?:of )?([0-9]*\.?[0-9]+)/#)?.1,
      let temperature = Double(digits), temperature > 0
    else { return }
    if known.contains("temperature") {
      block["temperature"] = .number(temperature)
    } else {
      block["scale"] = .number((1 / temperature * 1e6).rounded() / 1e6)
    }
    remarks.append("loss: the temperature \(digits) is from the card's prose")
  }
}
