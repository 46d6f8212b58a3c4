import JSONValues
public import Retrieval

extension Recipe {
  /// The arguments of `TripletEvaluator`; its anchors, positives and negatives are three columns of
  /// a data set.
  public struct TripletEvaluator: Hashable, Sendable {
    /// The triplets.
    public var data = Dataset()
    /// The name that the metrics' names start with; empty: none.
    public var name = ""
    /// The similarity whose accuracy is the primary metric; nil: the only one, or the best.
    public var mainSimilarity: SimilarityFunction?
    /// By how much a positive must be more alike than the negative.
    public var margin = Margins()
    /// How many texts are embedded at a time.
    public var batchSize = 16
    /// Accepted for the peer's sake: the terminal shows progress in any case.
    public var showsProgressBar = false
    /// Whether a CSV file of the metrics is written.
    public var writesCSV = true
    /// The length to which embeddings are cut; nil: whole.
    public var truncateDim: Int?
    /// The similarities to measure by; nil: the main one, or the model's own.
    public var similarities: [SimilarityFunction]?
    /// The text put before each anchor; nil: the model's own prompt for queries.
    public var queryPrompt: String?
    /// The text put before each positive and negative; nil: the model's own for documents.
    public var corpusPrompt: String?

    package init() {}
  }
}

extension Recipe.TripletEvaluator: RecipeBlock {
  static let fields: [Field<Self>] =
    [Field("name", \.name, .text)]
    + Recipe.Dataset.fields.map { Field($0, of: \.data) } + [
      Field("main_similarity_function", \.mainSimilarity, .optional(.choice)),
      Field("margin", \.margin, .margins),
      Field("batch_size", \.batchSize, .integer(atLeast: 1)),
      Field("show_progress_bar", \.showsProgressBar, .flag),
      Field("write_csv", \.writesCSV, .flag),
      Field("truncate_dim", \.truncateDim, .optional(.integer(atLeast: 1))),
      Field("similarity_fn_names", \.similarities, .optional(.similarities)),
      Field("query_prompt", \.queryPrompt, .optional(.text)),
      Field("corpus_prompt", \.corpusPrompt, .optional(.text)),
    ]

  mutating func settle(at path: FieldPath) throws {
    try data.settle(at: path)
    try SimilarityFunction.check(
      mainSimilarity, among: &similarities, at: path, "main_similarity_function")
  }
}

extension SimilarityFunction {
  /// Makes a main function the only one where no list is given, and checks that it is in the list.
  static func check(
    _ main: Self?, among functions: inout [Self]?, at path: FieldPath, _ field: String
  ) throws {
    guard let main else { return }
    functions = functions ?? [main]
    guard let functions, !functions.contains(main) else { return }
    throw RecipeError(
      .conflict, "\"\(main.rawValue)\" is not among the similarity_fn_names",
      at: path.member(field))
  }
}

/// A margin for each similarity.
public struct Margins: Hashable, Sendable {
  private var values: [SimilarityFunction: Double] = [:]

  /// Creates margins of 0.
  public init() {}

  /// The margin of a similarity.
  public subscript(function: SimilarityFunction) -> Double {
    get { values[function] ?? 0 }
    set { values[function] = newValue == 0 ? nil : newValue }
  }
}

extension ValueKind<Margins> {
  /// One number for all similarities, or an object of numbers by similarity; null is 0.
  static var margins: Self {
    let functions = SimilarityFunction.allCases
    let number = ValueKind<Double>.number()
    let names = functions.map(\.rawValue).joined(separator: ", ")
    let expected = "a number, or an object of numbers by similarity: \(names)"
    let properties = functions.map { (key: $0.rawValue, value: JSONValue.object(number.schema)) }
    let object: JSONValue = [
      "type": "object", "properties": .object(JSONObject(properties)),
      "additionalProperties": false,
    ]
    return ValueKind(
      expected: expected,
      schema: ["anyOf": [.object(number.schema), object, ["type": "null"]]],
      decode: { value, path in
        var margins = Margins()
        if value.isNull { return margins }
        guard let object = value.object else {
          guard value.double != nil else { throw path.wrongType(value, expected: expected) }
          for function in functions { margins[function] = try number.decode(value, path) }
          return margins
        }
        for (key, value) in object.members {
          guard let function = SimilarityFunction(rawValue: key) else {
            throw RecipeError.unknownKey(
              key, at: path.member(key), known: functions.map(\.rawValue))
          }
          margins[function] = try number.decode(value, path.member(key))
        }
        return margins
      },
      encode: { margins in
        let first = margins[functions[0]]
        if functions.allSatisfy({ margins[$0] == first }) { return .number(first) }
        return .object(
          JSONObject(functions.map { (key: $0.rawValue, value: .number(margins[$0])) }))
      })
  }
}

extension ValueKind<[SimilarityFunction]> {
  /// Similarities, each once.
  static var similarities: Self {
    let list = Self.list(of: .choice, atLeast: 1)
    return ValueKind(
      expected: list.expected, schema: list.schema,
      decode: { value, path in
        let functions = try list.decode(value, path)
        guard Set(functions).count == functions.count else {
          throw RecipeError(.conflict, "a similarity stands twice", at: path)
        }
        return functions
      }, encode: list.encode)
  }
}
