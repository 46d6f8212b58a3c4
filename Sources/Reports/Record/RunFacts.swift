package import JSONValues

/// `run.json`: what a run knows before its first step and its recipe does not say.
///
/// An object of `version`, `started`, `chosen` (the fields of the recipe that are not at their
/// defaults), `model`, `plan`, `datasets`, `examples`, `inputs` and `environment`.
package struct RunFacts: Hashable, Sendable {
  package let value: JSONObject

  package init(_ value: JSONObject) { self.value = value }

  /// The fields of the recipe that somebody chose, as paths: `args.learning_rate`.
  ///
  /// A path also stands for all fields below it.
  package var chosen: Set<String>? {
    value["chosen"]?.array.map { Set($0.compactMap(\.string)) }
  }
  /// The model that is trained.
  package var model: JSONValue { value["model"] ?? [:] }
  /// Steps, epochs and warm-up.
  package var plan: JSONValue { value["plan"] ?? [:] }
  /// The training data, an object for each data set.
  package var datasets: [JSONValue] { value["datasets"]?.array ?? [] }
  /// Short rows of the data, the texts of each in the order of its columns.
  package var examples: [[String]] {
    (value["examples"]?.array ?? []).map { $0.array?.compactMap(\.string) ?? [] }
  }
  /// The files and models that the result depends on, with their digests.
  package var inputs: [JSONValue] { value["inputs"]?.array ?? [] }
  /// The machine and what computes on it.
  package var environment: JSONObject { value["environment"]?.object ?? [:] }
  /// The version of ktrain.
  package var version: String? { value["version"]?.string }
}
