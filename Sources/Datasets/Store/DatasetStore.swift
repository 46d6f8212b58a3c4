/// What is costly to compute and the same in every epoch and run, in files of one folder.
///
/// A part is a file `<kind>-<16 digits of the key's digest>.h5`, of embeddings any number of files
/// with a shard's name before the ending. They are HDF5, for h5py and h5dump, with attributes that say
/// what they hold and what they were made from. A file is written under another name first, so a
/// process that is killed leaves none that is half written; two processes may write the same part,
/// and the one that ends last has it. A part that is not as it was written is never used.
package struct DatasetStore: Sendable {
  /// The folder.
  package let directory: String

  /// Opens a store, and removes what processes that are gone have left unfinished in it.
  ///
  /// - Parameter directory: The folder; it is created when something is written.
  /// - Throws: ``DatasetError`` if the folder cannot be listed.
  package init(directory: String) throws {
    self.directory = absolute(directory)
    try AtomicOutput.cleanUp(self.directory)
  }

  /// Reads a part.
  ///
  /// - Parameters:
  ///   - type: What it holds.
  ///   - key: What it was made from.
  /// - Returns: The part, or that it is to be made.
  /// - Throws: ``DatasetError`` if the file cannot be read, or if one of this name was made from
  ///   something else, as a file that was copied by hand.
  package func read<Part: StorePart>(
    _ type: Part.Type, for key: StoreKey
  ) throws -> StoredPart<Part> {
    let path = path(of: key)
    guard InputFile.exists(path) else { return .absent }
    do {
      return .found(try Self.read(type, at: path, for: key))
    } catch let error as DatasetError where error.code == .corrupt {
      return .damaged(error)
    }
  }

  /// Reads a part from a file that is known by its path.
  ///
  /// - Parameters:
  ///   - type: What it holds.
  ///   - path: The file.
  ///   - key: What it should have been made from.
  /// - Returns: The part.
  /// - Throws: ``DatasetError``: `unreadable`, `corrupt`, or `otherStore` with the field that
  ///   differs, what was expected and what was found.
  package static func read<Part: StorePart>(
    _ type: Part.Type, at path: String, for key: StoreKey
  ) throws -> Part {
    precondition(key.kind == Part.kind, "a key of \(key.kind) for \(Part.kind)")
    return try StoreFile.read(path, key) { file, _, rows in
      let part = try Part(reading: file)
      guard part.rowCount == rows else {
        throw DatasetError(
          .corrupt, "there are \(part.rowCount) rows, the attribute rows says \(rows)", path: path)
      }
      return part
    }
  }

  /// Writes a part in place of one that may be there.
  ///
  /// - Parameters:
  ///   - part: What to write.
  ///   - key: What it was made from.
  /// - Throws: ``DatasetError``; what was there before is then as it was.
  package func write<Part: StorePart>(_ part: Part, for key: StoreKey) throws {
    precondition(key.kind == Part.kind, "a key of \(key.kind) for \(Part.kind)")
    try AtomicOutput.createFolder(directory)
    let path = path(of: key)
    try StoreFile.write(path, key, description: Part.about, rows: part.rowCount) { file in
      try part.write(to: file)
    }
  }

  /// The embeddings of texts by one model with one group of settings.
  ///
  /// - Parameters:
  ///   - key: Model and settings.
  ///   - dimension: The width of an embedding.
  /// - Returns: All that are there; the damaged files are in ``EmbeddingStore/damages``.
  /// - Throws: ``DatasetError`` as ``read(_:for:)``.
  package func embeddings(for key: StoreKey, dimension: Int) throws -> EmbeddingStore {
    try EmbeddingStore(directory: directory, key: key, dimension: dimension)
  }

  /// The file of a part that is one file.
  package func path(of key: StoreKey) -> String { directory + "/" + key.fileName() }
}

/// What a store knows of a part.
package enum StoredPart<Part> {
  /// It is there.
  case found(Part)
  /// It was never made.
  case absent
  /// It was made, but the file is not as it was written; the error says what is wrong, on one line.
  case damaged(DatasetError)
}

/// A part of a store that is one file.
package protocol StorePart: Sendable {
  /// What keys it goes with.
  static var kind: StoreKey.Kind { get }
  /// What it holds, in words, for whoever looks into the file.
  static var about: String { get }
  /// How many texts it is about.
  var rowCount: Int { get }
  /// Reads and checks it.
  init(reading file: HDF5File) throws
  /// Writes its datasets.
  func write(to file: HDF5File) throws
}
