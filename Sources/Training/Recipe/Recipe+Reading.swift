import Glibc
import JSONValues

extension Recipe {
  /// Reads a recipe from a file.
  ///
  /// If the recipe names no `args.output_dir`, it becomes `checkpoints/` and the file's name
  /// without its ending.
  ///
  /// - Parameters:
  ///   - path: The file; a relative path starts at the current directory.
  ///   - overrides: Settings `key.path=value` that replace or add values, the last one winning. A
  ///     value is JSON, or else a string; lists have indices (`evaluators[0].name` or
  ///     `evaluators.0.name`).
  /// - Throws: ``RecipeError`` with the absolute path, and with line and column if the file is not
  ///   JSON, or the field at fault; for a field that an override set, with `--set`.
  public init(contentsOf path: String, overrides: [String] = []) throws {
    let file = absolutePath(path)
    let overrides = try overrides.map(RecipeOverride.init)
    self = try RecipeError.naming(file, overrides) {
      var value = try JSONValue(parsing: try contents(of: file))
      for override in overrides { try override.apply(to: &value) }
      value.setDefaultOutputDirectory(recipePath: file)
      return try Recipe(value)
    }
  }
}

extension RecipeError {
  /// What `read` makes of a JSON file; errors that name no source get the file, or the override that
  /// is to blame.
  static func naming<Value>(
    _ file: String, _ overrides: [RecipeOverride] = [], _ read: () throws -> Value
  ) throws -> Value {
    do { return try read() } catch let fault as JSONError {
      var error = RecipeError(.malformed, fault.message)
      (error.source, error.line, error.column) = (file, fault.line, fault.column)
      throw error
    } catch var error as RecipeError {
      // Only that it was an override: its text may be a secret.
      let isOverride = overrides.contains { $0.isToBlame(for: error) }
      error.source = error.source ?? (isOverride ? "--set" : file)
      throw error
    }
  }
}

extension JSONValue {
  /// Gives `args.output_dir` its default, if nothing else is there.
  fileprivate mutating func setDefaultOutputDirectory(recipePath: String) {
    guard case .object(var recipe) = self else { return }
    guard case .object(var args) = recipe["args"] ?? [:] else { return }
    guard args["output_dir"] == nil || PythonLiteral.value(of: args["output_dir"] ?? nil).isNull
    else { return }
    let name = recipePath.split(separator: "/").last.map(String.init) ?? "recipe"
    let stem = name.hasSuffix(".json") && name.count > 5 ? String(name.dropLast(5)) : name
    args["output_dir"] = .string("checkpoints/\(stem)")
    recipe["args"] = .object(args)
    self = .object(recipe)
  }
}

/// The path from the root; relative paths start at the current directory.
func absolutePath(_ path: String) -> String {
  guard !path.hasPrefix("/"), let directory = getcwd(nil, 0) else { return path }
  defer { free(directory) }
  let current = String(cString: directory)
  return current.hasSuffix("/") ? current + path : "\(current)/\(path)"
}

/// The bytes of a file.
///
/// - Throws: ``RecipeError`` with the path and the system's reason.
func contents(of path: String) throws -> [UInt8] {
  guard let file = fopen(path, "rb") else { throw unreadable(path) }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var part = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = fread(&part, 1, part.count, file)
    bytes += part[..<count]
    if ferror(file) != 0 { throw unreadable(path) }
    if count < part.count { return bytes }
  }
}

private func unreadable(_ path: String) -> RecipeError {
  var error = RecipeError(.unreadable, "cannot be read: \(String(cString: strerror(errno)))")
  error.source = path
  return error
}
