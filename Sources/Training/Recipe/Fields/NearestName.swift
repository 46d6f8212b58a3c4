extension RecipeError {
  /// The error of a key that is not known: it offers the nearest known one, or says where the list
  /// is.
  static func unknownKey(_ key: String, at path: FieldPath, known: [String]) -> RecipeError {
    var remedy = "\"ktrain recipe schema\" lists the known ones"
    if let name = nearestName(to: key, in: known) { remedy = "did you mean \"\(name)\"?" }
    return RecipeError(.unknownKey, "unknown key; \(remedy)", at: path)
  }
}

/// The name that differs least from a misspelt one; nil if all differ in more than a third of
/// their letters.
func nearestName(to name: String, in candidates: [String]) -> String? {
  let ranked = candidates.map { (name: $0, distance: editDistance(name.lowercased(), $0)) }
  guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
  let limit = max(1, max(name.count, best.name.count) / 3)
  return best.distance <= limit ? best.name : nil
}

/// How many letters must be inserted, deleted or replaced, or neighbours swapped, to turn one text
/// into the other (optimal string alignment).
func editDistance(_ one: String, _ other: String) -> Int {
  let (one, other) = (Array(one), Array(other))
  var beforeLast: [Int] = []
  var last = Array(0...other.count)
  for i in one.indices {
    var row = [i + 1]
    for j in other.indices {
      var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (one[i] == other[j] ? 0 : 1))
      if i > 0, j > 0, one[i] == other[j - 1], one[i - 1] == other[j] {
        cost = min(cost, beforeLast[j - 1] + 1)
      }
      row.append(cost)
    }
    beforeLast = last
    last = row
  }
  return last[other.count]
}
