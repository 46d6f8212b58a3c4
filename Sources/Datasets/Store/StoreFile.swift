import CHDF5
import Glibc

/// One file of a store: sealed, and with its key in attributes.
package enum StoreFile {
  /// The number of the layout that is written and read.
  static let format = 1

  /// Writes a file in place of what stands there, whole or not at all.
  ///
  /// - Parameters:
  ///   - path: The file; its folder exists.
  ///   - key: What it is made from.
  ///   - description: What it holds, for whoever looks into it.
  ///   - rows: How many rows it holds.
  ///   - body: Writes the datasets.
  /// - Returns: The file, open.
  /// - Throws: ``DatasetError`` and what `body` throws; the file at `path` is then as it was.
  @discardableResult
  package static func write(
    _ path: String, _ key: StoreKey, description: String, rows: Int,
    _ body: (HDF5File) throws -> Void
  ) throws -> InputFile {
    let temporary = AtomicOutput.temporaryPath(for: path)
    do {
      let file = try HDF5File(creating: temporary, path: path, userBlock: StoreSeal.length)
      try describe(file, key, description: description, rows: rows)
      try body(file)
      try file.close()
      let sealed = try InputFile(rewriting: temporary, path: path)
      try StoreSeal.write(to: sealed)
      try AtomicOutput.commit(sealed, from: temporary, to: path)
      return sealed
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Opens a file, checks that it is whole and made for this key, and reads it.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - key: What it should be made from.
  ///   - body: Gets the file, and how many rows it should hold.
  /// - Returns: What `body` returns.
  /// - Throws: ``DatasetError``: `unreadable`, `corrupt`, or `otherStore` with the field that differs.
  static func read<Result>(
    _ path: String, _ key: StoreKey, _ body: (HDF5File, InputFile, Int) throws -> Result
  ) throws -> Result {
    while true {
      let input = try InputFile(path: path)
      do {
        try StoreSeal.verify(input)
        return try read(input, key, body)
      } catch let error as DatasetError where error.code == .corrupt && isReplaced(input) {
        // Another writer's file has the name now; libhdf5 opens none that has lost its own.
      }
    }
  }

  /// Whether a file's path names another file by now.
  private static func isReplaced(_ input: InputFile) -> Bool {
    var (opened, named) = (stat(), stat())
    return fstat(input.descriptor, &opened) == 0 && stat(input.path, &named) == 0
      && opened.st_ino != named.st_ino
  }

  /// As ``read(_:_:_:)``, of a file that is known to be whole.
  static func read<Result>(
    _ input: InputFile, _ key: StoreKey, _ body: (HDF5File, InputFile, Int) throws -> Result
  ) throws -> Result {
    // The file that was checked, whatever has its name by now.
    let file = try HDF5File(reading: "/proc/self/fd/\(input.descriptor)", path: input.path)
    guard try file.integer(ofAttribute: "ktrain_format") == format else {
      throw DatasetError(
        .corrupt, "the attribute ktrain_format is not \(format)", path: input.path)
    }
    let found = try self.key(of: file)
    if let difference = key.difference(from: found) {
      throw DatasetError(.otherStore, difference, path: input.path)
    }
    guard let rows = try file.integer(ofAttribute: "rows"), rows >= 0 else {
      throw DatasetError(.corrupt, "the attribute rows is missing or wrong", path: input.path)
    }
    return try body(file, input, rows)
  }

  private static func describe(
    _ file: HDF5File, _ key: StoreKey, description: String, rows: Int
  ) throws {
    try file.setAttribute("ktrain_format", to: format)
    try file.setAttribute("kind", to: key.kind.rawValue)
    try file.setAttribute("description", to: description)
    try file.setAttribute("rows", to: rows)
    try file.setAttribute("created_by", to: "ktrain, with \(H5_VERS_INFO)")
    try file.setAttribute("key_sha256", to: key.digest)
    try file.setAttribute("key_fields", to: key.fields.map(\.name))
    for field in key.fields {
      switch field.value {
      case .text(let text): try file.setAttribute(field.name, to: text)
      case .integer(let number): try file.setAttribute(field.name, to: number)
      }
    }
  }

  private static func key(of file: HDF5File) throws -> StoreKey {
    func fault(_ message: String) -> DatasetError {
      DatasetError(.corrupt, message, path: file.path)
    }
    guard let name = try file.texts(ofAttribute: "kind")?.first,
      let kind = StoreKey.Kind(rawValue: name),
      let names = try file.texts(ofAttribute: "key_fields"), Set(names).count == names.count,
      Set(names).isDisjoint(with: StoreKey.reserved)
    else { throw fault("the attributes kind or key_fields are missing or wrong") }
    let key = StoreKey(
      kind,
      try names.map { name in
        guard let value = try file.value(ofAttribute: name) else {
          throw fault("the attribute \(name) is missing")
        }
        return StoreKey.Field(name: name, value: value)
      })
    guard try file.texts(ofAttribute: "key_sha256") == [key.digest] else {
      throw fault("the attribute key_sha256 does not fit the fields")
    }
    return key
  }
}

extension HDF5File {
  /// The text or number of an attribute; nil if there is none.
  fileprivate func value(ofAttribute name: String) throws -> StoreKey.Value? {
    if try isText(attribute: name) { return try texts(ofAttribute: name)?.first.map { .text($0) } }
    return try integer(ofAttribute: name).map { .integer($0) }
  }
}
