internal import Checkpoints
internal import JSONValues

/// All that the result of a run depends on, by which a run that is continued knows that it is the
/// same one: the recipe, and digests of the files that it names.
struct RunIdentity: Sendable {
  /// One of the inputs.
  struct Input: Hashable, Sendable {
    /// What the recipe calls it.
    let role: String
    let path: String
    let sha256: String
  }

  /// The resolved recipe.
  let recipe: JSONValue
  /// The files of training data, the model that training starts from and its tokenizer, the losses'
  /// guides, and the encoder of the clusters.
  let inputs: [Input]

  /// Takes the digests.
  ///
  /// - Throws: `CheckpointError` if a file cannot be read.
  init(recipe: Recipe, digests: ModelDigests) throws {
    self.recipe = recipe.resolved()
    func model(_ role: String, _ path: String) throws -> Input {
      Input(role: role, path: path, sha256: try digests.ofModel(in: path))
    }
    let tokenizer = Input(
      role: "tokenizer", path: recipe.model.path,
      sha256: try digests.ofTokenizer(in: recipe.model.path))
    inputs =
      try recipe.trainDataset.values.flatMap(\.files).map {
        Input(role: "train_dataset", path: $0, sha256: "\(try FileDigest(contentsOf: $0))")
      } + [tokenizer, try model("model", recipe.model.path)]
      + recipe.loss.values.compactMap(\.gist?.guide).map { try model("loss.guide", $0) }
      + (recipe.clusters.map { [try model("clusters.encoder", $0.encoder)] } ?? [])
  }

  /// The identity as it stands in `training_state.json`.
  var json: JSONObject {
    let inputs = self.inputs.map { input -> JSONValue in
      ["of": .string(input.role), "path": .string(input.path), "sha256": .string(input.sha256)]
    }
    return JSONObject([("recipe", recipe), ("digests", .array(inputs))])
  }

  /// Reads an identity; nil if it is none.
  init?(_ value: JSONValue) {
    guard let recipe = value["recipe"], let entries = value["digests"]?.array else { return nil }
    var inputs: [Input] = []
    for entry in entries {
      guard let role = entry["of"]?.string, let path = entry["path"]?.string,
        let sha256 = entry["sha256"]?.string
      else { return nil }
      inputs.append(Input(role: role, path: path, sha256: sha256))
    }
    (self.recipe, self.inputs) = (recipe, inputs)
  }
}
