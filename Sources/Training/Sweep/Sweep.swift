internal import Checkpoints
public import JSONValues

/// A family of runs: one recipe, what each run changes in it, and the seeds that all of them take.
///
/// It is one JSON object, read as strictly as a ``Recipe``.
public struct Sweep: Hashable, Sendable {
  /// A file that the runs need, and the arguments of the `ktrain` command that writes it.
  public struct Making: Hashable, Sendable {
    /// The file; it is not made again while it is there.
    public var file = ""
    /// Such as `["mine", MODEL, DATA, "--output", FILE]`.
    public var by: [String] = []

    package init() {}
  }

  /// One row of the table.
  public struct Run: Hashable, Sendable {
    /// The row's name.
    public var name = ""
    /// What it changes: paths of fields to values, as `--set` has them.
    public var changes: [Named<JSONValue>] = []

    package init() {}
  }

  /// A name for people.
  public var name: String?
  /// Remarks for people.
  public var notes: String?
  /// The recipe that the runs share.
  public var recipe = ""
  /// Where runs and results are written.
  public var outputDir = ""
  /// The seeds, `args.seed` of each run in turn.
  public var seeds = [42]
  /// The metrics of the table, without `eval_`, a column each.
  public var metrics: [String] = []
  /// What is made before the first run.
  ///
  /// Here and in ``runs``, `{output_dir}` stands for ``outputDir``.
  public var make: [Making] = []
  /// The runs, in the order in which they are made.
  public var runs: [Run] = []

  package init() {}
}

extension Sweep: RecipeBlock {
  static let fields: [Field<Self>] = [
    Field("name", \.name, .optional(.text)),
    Field("notes", \.notes, .optional(.notes)),
    Field("recipe", \.recipe, .path, isRequired: true),
    Field("output_dir", \.outputDir, .path, isRequired: true),
    Field("seeds", \.seeds, .list(of: .integer(atLeast: 0), atLeast: 1)),
    Field("metrics", \.metrics, .list(of: .path, atLeast: 1), isRequired: true),
    Field("make", \.make, .list(of: .block)),
    Field("runs", \.runs, .list(of: .block, atLeast: 1), isRequired: true),
  ]

  mutating func settle(at path: FieldPath) throws {
    var names: [String: String] = [:]
    for (index, run) in runs.enumerated() {
      if let other = names.updateValue(run.name, forKey: run.folder) {
        throw RecipeError(
          .conflict, "\(run.name) and \(other) would share the directory \(run.folder)-…",
          at: path.member("runs").element(index).member("name"))
      }
    }
    if Set(seeds).count < seeds.count {
      throw RecipeError(.conflict, "a seed stands here twice", at: path.member("seeds"))
    }
  }
}

extension Sweep.Making: RecipeBlock {
  static let fields: [Field<Self>] = [
    Field("file", \.file, .path, isRequired: true),
    Field("by", \.by, .list(of: .text, atLeast: 1), isRequired: true),
  ]
}

extension Sweep.Run: RecipeBlock {
  static let fields: [Field<Self>] = [
    Field("name", \.name, .path, isRequired: true),
    Field("set", \.changes, .named(.anything)),
  ]

  /// The name as a part of a directory's: letters, digits and points, `-` for all between them.
  var folder: String {
    name.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "." }.joined(separator: "-")
  }

  /// The changes as `--set` has them.
  var settings: [String] { changes.map { "\($0.name)=\($0.value.text())" } }
}

extension ValueKind<JSONValue> {
  /// Any value; what it is for says whether it is right.
  fileprivate static var anything: Self {
    ValueKind(expected: "a value", schema: [:], decode: { value, _ in value }, encode: { $0 })
  }
}

extension Sweep {
  /// Reads a sweep from a file.
  ///
  /// - Parameter path: The file; a relative path starts at the current directory.
  /// - Throws: ``RecipeError`` with the absolute path, and the field at fault or line and column.
  public init(contentsOf path: String) throws {
    let file = absolutePath(path)
    self = try RecipeError.naming(file) {
      try ValueKind<Self>.block.decode(JSONValue(parsing: contents(of: file)), .root)
    }
  }

  /// A text in which the directory stands where `{output_dir}` did.
  public func inserted(_ text: String) -> String {
    text.replacing("{output_dir}", with: outputDir)
  }

  /// A run of one seed.
  public struct Member: Hashable, Sendable {
    /// The row it belongs to.
    public let run: String
    /// Its seed.
    public let seed: Int
    /// Its directory.
    public let directory: String
    /// What is set in the recipe, in the order in which it is: the row's changes, what the caller
    /// sets, seed and directory.
    public let settings: [String]
    /// What its result depends on beside the seed: those settings before `{output_dir}` was put in,
    /// and the recipe that they change.
    public let identity: [String]
  }

  /// All runs in order: each row with the first seed, then with the second, …, so that a sweep that
  /// is stopped half-way has a whole table of fewer seeds.
  ///
  /// - Parameter settings: What is set in all of them.
  /// - Returns: The runs.
  /// - Throws: ``RecipeError`` of the first run that `recipe` and its changes make no recipe of.
  public func members(settings: [String] = []) throws -> [Member] {
    let base = "\(recipe) of SHA-256 \(try recipeDigest())"
    return try seeds.flatMap { seed in
      try runs.enumerated().map { index, run in
        let directory = "\(outputDir)/\(run.folder)-\(seed)"
        let own = run.settings + settings
        let all =
          own.map(inserted) + ["args.seed=\(seed)", "args.output_dir=\(directory)"]
        do { _ = try Recipe(contentsOf: recipe, overrides: all) } catch let error as RecipeError {
          throw error.inside("runs[\(index)], \(run.name)")
        }
        return Member(
          run: run.name, seed: seed, directory: directory, settings: all, identity: [base] + own)
      }
    }
  }

  /// The digest of the recipe without what only people read.
  private func recipeDigest() throws -> FileDigest {
    let file = absolutePath(recipe)
    var value = try RecipeError.naming(file) { try JSONValue(parsing: contents(of: file)) }
    if case .object(var object) = value {
      (object["name"], object["notes"]) = (nil, nil)
      value = .object(object)
    }
    return FileDigest(of: value.text().utf8)
  }
}

extension RecipeError {
  fileprivate func inside(_ place: String) -> RecipeError {
    var error = self
    error.source = "\(place): \(source ?? "recipe")"
    return error
  }
}
