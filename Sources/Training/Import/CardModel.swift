import JSONValues

/// What a card says of the model it started from and of how its embeddings are made.
struct CardModel {
  /// The model that was trained, such as `BAAI/bge-m3`.
  private(set) var base: String?
  /// The name of the model that came of it.
  private(set) var name: String?
  private(set) var maxSequenceLength: Int?
  /// The pooling mode: `mean`, `cls`.
  private(set) var pooling: String?
  private(set) var normalizes: Bool?
  /// What is missing and what contradicts.
  private(set) var remarks: [String] = []

  init(_ card: CardText) {
    readNames(card)
    readLength(card)
    readArchitecture(card.body)
  }

  private mutating func readNames(_ card: CardText) {
    let labels = ["base model", "finetuned from model", "fine-tuned from model", "基础模型"]
    let lines = labels.compactMap { card.value(ofLine: $0) }
    // In prose only with an owner, as the hub has it.
    let prose = card.body.matches(
      of: #/(?:based on|tuned from|tuned version of|基于)\s*\[?([A-Za-z0-9_.\-]+/[A-Za-z0-9_.\-]+)/#
    ).map { String($0.1) }
    let bases = (card.frontMatter("base_model") + lines.map(Self.identifier) + prose).map {
      $0.hasSuffix(".") ? String($0.dropLast()) : $0
    }
    base = bases.first
    if let base, let other = bases.first(where: { $0 != base }) {
      remarks.append("model: the card names \(base) and \(other) as the base; \(base) is taken")
    }
    let own = card.body.firstMatch(of: #/SentenceTransformer\(["']([^"']+)["']/#)?.1
    if let own, own != "sentence_transformers_model_id" {
      name = own.split(separator: "/").last.map(String.init)
    }
  }

  /// The name in `[BAAI/bge-m3](https://…)`, or the first word.
  private static func identifier(_ text: String) -> String {
    let text = text.drop { $0 == "[" }
    return String(text.prefix { !"](| ".contains($0) })
  }

  private mutating func readLength(_ card: CardText) {
    let patterns = [
      #/['"]max_seq_length['"]: ([0-9]+)/#,
      #/(?:[Mm]aximum [Ss]equence [Ll]ength|max_seq_length)[:*\s]+([0-9]+)/#,
      #/truncated to at most ([0-9]+) tokens/#,
    ]
    let lengths = patterns.compactMap { card.body.firstMatch(of: $0)?.1 }.compactMap { Int($0) }
    maxSequenceLength = lengths.first
    if let first = lengths.first, let other = lengths.first(where: { $0 != first }) {
      remarks.append(
        "model.max_seq_length: the card says \(first) and \(other); \(first) is taken")
    } else if lengths.isEmpty {
      remarks.append("model.max_seq_length is not in the card: the model's own is taken")
    }
  }

  private mutating func readArchitecture(_ text: String) {
    guard let match = text.firstMatch(of: #/Pooling\((\{[^}]*\})\)/#) else {
      remarks.append("model.pooling is not in the card: the model's own is taken")
      return
    }
    // The next module, and the end of the list of modules.
    normalizes = text[match.range.upperBound...].prefix(200).contains("Normalize(")
    let settings = PythonLiteral.value(of: .string(String(match.1))).object ?? JSONObject()
    var modes = settings["pooling_mode"].map { $0.array?.compactMap(\.string) ?? [$0.text()] } ?? []
    modes = modes.map { $0.filter { $0 != "\"" } }
    let flags = [
      ("pooling_mode_cls_token", "cls"), ("pooling_mode_mean_tokens", "mean"),
      ("pooling_mode_max_tokens", "max"), ("pooling_mode_lasttoken", "lasttoken"),
      ("pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens"),
      ("pooling_mode_weightedmean_tokens", "weightedmean"),
    ]
    modes += flags.filter { settings[$0.0] == true }.map(\.1)
    if modes.count == 1, Recipe.Pooling(rawValue: modes[0]) != nil {
      pooling = modes[0]
    } else {
      let names = modes.isEmpty ? "none" : modes.joined(separator: " + ")
      remarks.append("model.pooling: \(names) is not supported; the model's own is taken")
    }
  }
}
