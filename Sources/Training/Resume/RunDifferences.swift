internal import JSONValues

/// In what a run differs from the one whose checkpoint it is to continue.
struct RunDifferences: Hashable, Sendable {
  /// What changes the result, or may.
  private(set) var essential: [String] = []
  /// What does not: where the run writes, what it measures, how many threads compute, ….
  private(set) var harmless: [String] = []

  /// Compares recipes alone.
  init(from old: JSONValue, to new: JSONValue) {
    let choosesBest = new["args"]?["load_best_model_at_end"]?.bool == true
    compare(old, new, at: .root) { field in
      Self.isHarmless(field) || (!choosesBest && Self.onlyMeasures(field))
    }
  }

  /// Compares recipes and files.
  init(from old: RunIdentity, to new: RunIdentity) {
    self.init(from: old.recipe, to: new.recipe)
    for role in ["train_dataset", "tokenizer", "model", "loss.guide", "clusters.encoder"] {
      let (before, now) = (
        old.inputs.filter { $0.role == role }, new.inputs.filter { $0.role == role }
      )
      if before.count != now.count {
        essential.append("\(role) had \(before.count) files or models and has \(now.count)")
      }
      for (one, other) in zip(before, now) where one.sha256 != other.sha256 {
        essential.append(
          "\(role): \(other.path) has other contents than \(one.path == other.path ? "then" : one.path)"
        )
      }
    }
  }

  private mutating func compare(
    _ old: JSONValue?, _ new: JSONValue?, at field: FieldPath, isHarmless: (String) -> Bool
  ) {
    // A field that older recipes lack is null where it has no effect.
    if old ?? .null == new ?? .null || Self.isKnownByDigest(field.text) { return }
    if let one = old?.object, let other = new?.object {
      for key in one.keys + other.keys.filter({ one[$0] == nil }) {
        compare(one[key], other[key], at: field.member(key), isHarmless: isHarmless)
      }
      return
    }
    let (before, now) = (old?.shown ?? "not there", new?.shown ?? "not there")
    let text =
      before == now ? "\(field.text) has changed" : "\(field.text) was \(before) and is \(now)"
    if isHarmless(field.text) { harmless.append(text) } else { essential.append(text) }
  }

  /// Files and models are compared by what they hold, wherever they are.
  private static func isKnownByDigest(_ field: String) -> Bool {
    let parts = field.split(separator: ".")
    switch parts.first {
    case "model": return parts.count == 2 && parts[1] == "path"
    case "train_dataset":
      return parts.count <= 3 && ["path", "queries", "corpus"].contains(parts.last)
    case "loss": return parts.count <= 4 && parts.last == "guide"
    case "clusters": return parts.count == 2 && parts[1] == "encoder"
    default: return false
    }
  }

  /// Whether a field has no part in what is trained.
  private static func isHarmless(_ field: String) -> Bool {
    let parts = field.split(separator: ".").map(String.init)
    switch parts[0] {
    case "name", "notes", "runtime", "model_card_data": return true
    case "args" where parts.count > 1:
      return ["output_dir", "report_to", "run_name", "resume_from_checkpoint", "ddp_timeout"]
        .contains(parts[1])
        || parts[1].hasPrefix("logging_") || TrainingArguments.ignored.contains(parts[1])
    default: return false
    }
  }

  /// Whether a field says only what is measured and saved on the way.
  private static func onlyMeasures(_ field: String) -> Bool {
    field == "evaluators" || field.hasPrefix("eval_dataset") || field.hasPrefix("args.eval_")
      || field.hasPrefix("args.save_")
      || field == "args.per_device_eval_batch_size"
  }
}
