public import JSONValues

extension Recipe {
  /// The recipe as a JSON Schema of draft 2020-12, made from the tables that reading follows.
  ///
  /// It is narrower than reading in one point: reading also takes Python's spellings (`"None"`,
  /// `"True"`, `"[]"`) in `args`, as model cards have them.
  public static func schema() -> JSONValue {
    let head: JSONObject = [
      "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A recipe of ktrain",
    ]
    return .object(JSONObject(head.pairs + schema.pairs))
  }
}
