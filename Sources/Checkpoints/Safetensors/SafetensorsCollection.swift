import JSONValues

/// The tensors of a model that lie in one safetensors file or in several shards.
///
/// A sharded model has an index, `model.safetensors.index.json`, whose `weight_map` gives each
/// tensor the file in which it lies. The shards must hold exactly the tensors of the index.
public struct SafetensorsCollection: Sendable {
  /// The absolute path of the file or the index.
  public let path: String
  /// The free text of the first file's header.
  public let metadata: [String: String]
  /// The tensors' names, file after file, in the order of their bytes.
  public let names: [String]

  private let files: [SafetensorsFile]
  private let fileOfName: [[UInt8]: Int]

  /// Opens a model.
  ///
  /// - Parameter path: A safetensors file, or an index, known by its ending `.json`, beside whose
  ///   path the shards are looked for.
  /// - Throws: ``CheckpointError``: what ``SafetensorsFile`` throws; an index that is malformed or
  ///   names a shard outside its directory; a shard that is missing; a tensor of the index that is
  ///   not in its shard; a tensor that two shards hold, or that the index does not name.
  public init(contentsOf path: String) throws(CheckpointError) {
    guard path.utf8.suffix(5).elementsEqual(".json".utf8) else {
      let file = try SafetensorsFile(contentsOf: path)
      self.init(path: file.path, files: [file])
      return
    }
    let shards = try Self.weightMap(path)
    let directory = splitPath(path).directory
    var files: [SafetensorsFile] = []
    for name in Set(shards.map(\.file)).sorted(by: precedes) {
      files.append(try SafetensorsFile(contentsOf: directory + "/" + name))
    }
    self.init(path: absolutePath(path), files: files)
    try check(shards)
  }

  private init(path: String, files: [SafetensorsFile]) {
    self.path = path
    self.files = files
    metadata = files.first?.metadata ?? [:]
    names = files.flatMap(\.names)
    fileOfName = Dictionary(
      files.indices.flatMap { index in files[index].names.map { (Array($0.utf8), index) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// The tensor of that name, compared by its bytes; nil if there is none.
  public func tensor(_ name: String) -> TensorView? {
    fileOfName[Array(name.utf8)].flatMap { files[$0].tensor(name) }
  }

  /// The elements of a tensor in single precision.
  ///
  /// - Throws: ``CheckpointError`` if there is no tensor of that name, or it is of a type that is
  ///   not converted; see ``TensorView/floats()``.
  public func floats(_ name: String) throws(CheckpointError) -> [Float] {
    guard let view = tensor(name) else {
      throw CheckpointError(.tensor, path, tensor: name, "is not in the file")
    }
    return try view.floats()
  }

  /// Reads tensors, on all processors.
  ///
  /// - Parameters:
  ///   - targets: Tensors of these files, none twice.
  ///   - hashes: Whether the files are read whole and hashed on the way.
  /// - Returns: The digests of the files by their absolute paths; none if they are not hashed.
  /// - Throws: ``CheckpointError`` if a file cannot be read, or has become shorter.
  public func read(
    _ targets: [SafetensorsFile.Target], hashes: Bool = false
  ) throws(CheckpointError) -> [String: FileDigest] {
    var digests: [String: FileDigest] = [:]
    for file in files {
      let own = targets.filter { $0.tensor.path == file.path }
      if hashes { digests[file.path] = try file.digest(reading: own) } else { try file.read(own) }
    }
    return digests
  }
}

extension SafetensorsCollection {
  private static func weightMap(
    _ path: String
  ) throws(CheckpointError) -> [(tensor: String, file: String)] {
    func fault(_ message: String) -> CheckpointError { CheckpointError(.index, path, message) }
    let bytes = try MappedFile(path)
    let index: JSONValue
    do { index = try JSONValue(parsing: bytes.bytes) } catch { throw fault("\(error)") }
    guard let map = index["weight_map"]?.object else {
      throw fault("no weight_map, or no object: this is no index of a sharded model")
    }
    guard map.count > 0 else { throw fault("weight_map is empty") }
    var shards: [(String, String)] = []
    for (tensor, value) in map.members {
      guard let file = value.string else {
        throw fault("weight_map.\(quoted(tensor)) is \(value.kind), expected a file name")
      }
      // Shards stand beside their index; a path that leads elsewhere is not followed.
      guard !file.isEmpty, file != "..", file != ".", !file.utf8.contains(UInt8(ascii: "/")),
        !file.utf8.contains(0)
      else {
        throw fault("weight_map.\(quoted(tensor)) is \(quoted(file)), expected a plain file name")
      }
      shards.append((tensor, file))
    }
    return shards
  }

  /// Checks that the shards hold exactly the tensors of the index, each once and where it says.
  private func check(_ shards: [(tensor: String, file: String)]) throws(CheckpointError) {
    var expected: [[UInt8]: String] = [:]
    for shard in shards { expected[Array(shard.tensor.utf8)] = shard.file }
    for shard in shards {
      let files = files.filter { splitPath($0.path).name == shard.file }
      guard files.contains(where: { $0.tensor(shard.tensor) != nil }) else {
        throw CheckpointError(
          .index, path, tensor: shard.tensor, "is not in \(quoted(shard.file)), where it should be")
      }
    }
    for file in files {
      let fileName = splitPath(file.path).name
      for name in file.names {
        guard let owner = expected[Array(name.utf8)] else {
          throw CheckpointError(.index, file.path, tensor: name, "is not in the index \(path)")
        }
        guard owner.utf8.elementsEqual(fileName.utf8) else {
          throw CheckpointError(
            .index, file.path, tensor: name, "is also in \(quoted(owner)), where the index puts it")
        }
      }
    }
  }
}
