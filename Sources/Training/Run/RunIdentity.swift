internal import Checkpoints
internal import JSONValues

/// Digests of all that the result of a run depends on, by which a resumed run knows that it is the
/// same one.
struct RunIdentity: Sendable {
  /// Of the resolved recipe.
  let recipe: FileDigest
  /// Of each file of training data, by its path.
  let data: [(path: String, digest: FileDigest)]
  /// Of the models that the result depends on, by directory: the one that training starts from,
  /// the losses' guides, and the encoder of the clusters.
  let models: [(path: String, digest: String)]

  /// Takes the digests.
  ///
  /// - Throws: `CheckpointError` if a file cannot be read.
  init(recipe: Recipe, digests: ModelDigests) throws {
    self.recipe = FileDigest(of: Array(recipe.resolved().text().utf8))
    data = try recipe.trainDataset.values.flatMap(\.paths)
      .map { ($0, try FileDigest(contentsOf: $0)) }
    var directories = [recipe.model.path] + recipe.loss.values.compactMap(\.gist?.guide)
    if let clusters = recipe.clusters { directories.append(clusters.encoder) }
    var seen: Set<String> = []
    models = try directories.filter { seen.insert($0).inserted }
      .map { ($0, try digests.ofModel(in: $0)) }
  }

  /// The digests as they stand in `training_state.json`.
  var json: JSONValue {
    let data = self.data.map { (key: $0.path, value: JSONValue.string($0.digest.description)) }
    let models = self.models.map { (key: $0.path, value: JSONValue.string($0.digest)) }
    return [
      "recipe": .string(recipe.description), "data": .object(JSONObject(data)),
      "models": .object(JSONObject(models)),
    ]
  }
}
