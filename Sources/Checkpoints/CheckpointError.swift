/// A file or directory of a checkpoint that cannot be read or written: what is wrong, and where.
public struct CheckpointError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What went wrong, for a caller that decides what to do next.
  public let code: Code
  /// What went wrong and how to put it right, for a reader of the log.
  public let message: String
  /// The absolute path of the file or directory at fault.
  public let path: String
  /// The name of the tensor at fault, if it is one tensor's.
  public let tensor: String?

  /// One line: path, tensor and message.
  public var description: String {
    guard let tensor else { return "\(path): \(message)" }
    return "\(path): tensor \(quoted(tensor)): \(message)"
  }

  init(_ code: Code, _ path: String, tensor: String? = nil, _ message: String) {
    self.code = code
    self.message = message
    self.path = absolutePath(path)
    self.tensor = tensor
  }

  /// The error at the place where its file was to be, if it lies at or below `temporary`.
  func moved(from temporary: String, to target: String) -> CheckpointError {
    let temporary = absolutePath(temporary)
    guard path == temporary || path.utf8.starts(with: (temporary + "/").utf8) else { return self }
    let rest = String(decoding: path.utf8.dropFirst(temporary.utf8.count), as: UTF8.self)
    return CheckpointError(code, target + rest, tensor: tensor, message)
  }
}

extension CheckpointError {
  /// The kind of a ``CheckpointError``.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    private enum Kind { case system, header, tensor, index, manifest }
    private let kind: Kind

    /// The operating system refused: no such file, no space, no permission, ….
    public static let system = Code(kind: .system)
    /// The file is no safetensors file: its length or its header is wrong as a whole.
    public static let header = Code(kind: .header)
    /// One tensor is described wrongly, is missing, or cannot be read as asked.
    public static let tensor = Code(kind: .tensor)
    /// The index of a sharded model is malformed or does not fit its shards.
    public static let index = Code(kind: .index)
    /// A manifest is malformed, or the directory is not what its manifest says.
    public static let manifest = Code(kind: .manifest)

    /// The kind in one word.
    public var description: String { "\(kind)" }
  }
}

/// A name from a file as it can stand in a one-line message: in quotes, control characters escaped,
/// cut off after 200 characters.
func quoted(_ name: String) -> String {
  let text = name.unicodeScalars.prefix(200).map { $0.escaped(asASCII: false) }.joined()
  return "\"" + text + (name.unicodeScalars.count > 200 ? "…\"" : "\"")
}
