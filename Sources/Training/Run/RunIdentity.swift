internal import Checkpoints
internal import JSONValues

/// Digests of all that the result of a run depends on, by which a resumed run knows that it is the
/// same one.
struct RunIdentity: Sendable {
  /// Of the resolved recipe.
  let recipe: FileDigest
  /// Of each file of training data, by its path.
  let data: [(path: String, digest: FileDigest)]
  /// Of the files of the model that training starts from.
  let model: [(path: String, digest: FileDigest)]

  /// Takes the digests.
  ///
  /// - Throws: `CheckpointError` if a file cannot be read.
  init(recipe: Recipe, dataPaths: [String], modelDirectory: String) throws {
    self.recipe = FileDigest(of: Array(recipe.resolved().text().utf8))
    data = try dataPaths.map { ($0, try FileDigest(contentsOf: $0)) }
    model = try Manifest(of: modelDirectory).files
      .filter { $0.path.hasSuffix(".json") || $0.path.hasSuffix(".safetensors") }
      .map { ($0.path, $0.sha256) }
  }

  /// The digests as they stand in `training_state.json`.
  var json: JSONValue {
    let files = { (list: [(path: String, digest: FileDigest)]) -> JSONValue in
      .object(JSONObject(list.map { (key: $0.path, value: .string($0.digest.description)) }))
    }
    return ["recipe": .string(recipe.description), "data": files(data), "model": files(model)]
  }
}
