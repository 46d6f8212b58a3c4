import CHDF5

/// An HDF5 file that is open for reading, or that is being written.
///
/// Closed with its owner; whoever writes calls ``close()`` and so learns whether all was written.
package final class HDF5File {
  /// The path that errors name.
  package let path: String
  let fault: DatasetError.Code
  private var openID: hid_t?

  /// Opens a file for reading.
  ///
  /// - Parameters:
  ///   - location: Where the library finds the file.
  ///   - path: What errors call it.
  /// - Throws: ``DatasetError`` of code `corrupt`.
  package init(reading location: String, path: String) throws {
    (self.path, fault) = (path, .corrupt)
    openID = try HDF5Work.run(path: path, fault: fault) { work in
      let access = try Self.access(work)
      return try work.check(
        H5Fopen(location, chdf5_read_only(), access), "this HDF5 file cannot be opened")
    }
  }

  /// Creates a file in place of what stands there.
  ///
  /// - Parameters:
  ///   - location: Where it is created.
  ///   - path: What errors call it.
  ///   - userBlock: How many bytes at its start are left to the caller: 0, 512 or a larger power of 2.
  /// - Throws: ``DatasetError`` of code `unwritable`.
  package init(creating location: String, path: String, userBlock: Int = 0) throws {
    (self.path, fault) = (path, .unwritable)
    openID = try HDF5Work.run(path: path, fault: fault) { work in
      let access = try Self.access(work)
      let creation = try work.own(H5Pcreate(chdf5_file_create()), "no property list")
      try work.check(H5Pset_userblock(creation, UInt64(userBlock)), "the user block is refused")
      // So that readers find the columns in the order in which they were written.
      let order = UInt32(H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED)
      try work.check(H5Pset_link_creation_order(creation, order), "no order of creation")
      return try work.check(
        H5Fcreate(location, chdf5_truncate(), creation, access), "this file cannot be created")
    }
  }

  deinit {
    if let openID { HDF5Work.close(openID) }
  }

  /// Hands everything to the system and closes the file, which is not used any more.
  ///
  /// - Throws: ``DatasetError`` if something could not be written.
  package func close() throws {
    guard let id = openID else { return }
    openID = nil
    try HDF5Work.run(path: path, fault: fault) { work in
      _ = try work.check(H5Fclose(id), "this file cannot be written")
    }
  }

  /// The id of the file, which is its root group's, too.
  var id: hid_t {
    guard let openID else { preconditionFailure("\(path) is used after it was closed") }
    return openID
  }

  func run<Result>(_ body: (HDF5Work) throws -> Result) throws -> Result {
    try HDF5Work.run(path: path, fault: fault, body)
  }

  private static func access(_ work: HDF5Work) throws -> hid_t {
    let list = try work.own(H5Pcreate(chdf5_file_access()), "no property list")
    // What is written has a name of its own and what is read is never changed. Locks would only fail,
    // on file systems that have none.
    try work.check(H5Pset_file_locking(list, false, true), "no file locking")
    // So that elements can be used where they stand in a mapped file.
    try work.check(H5Pset_alignment(list, 1, 16), "no alignment")
    return list
  }
}
