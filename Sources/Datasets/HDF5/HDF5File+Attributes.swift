import CHDF5

extension HDF5File {
  /// Sets an attribute of the root group to a text.
  ///
  /// - Throws: ``DatasetError``, also for a text with a NUL, which ends a text in HDF5.
  package func setAttribute(_ name: String, to text: String) throws {
    try run { work in try setAttribute(name, of: id, to: text, work) }
  }

  /// Sets an attribute of the root group to a list of texts.
  ///
  /// - Throws: ``DatasetError``, also for a text with a NUL, which ends a text in HDF5.
  package func setAttribute(_ name: String, to texts: [String]) throws {
    try run { work in
      let space = try work.own(
        H5Screate_simple(1, [UInt64(texts.count)], nil), "\(name): no shape")
      try setAttribute(name, of: id, to: texts, space, work)
    }
  }

  /// Sets an attribute of the root group to an integer.
  ///
  /// - Throws: ``DatasetError``.
  package func setAttribute(_ name: String, to number: Int) throws {
    try run { work in
      let space = try work.own(H5Screate(H5S_SCALAR), "\(name): no shape")
      let attribute = try work.own(
        H5Acreate2(id, name, chdf5_int64(), space, chdf5_default(), chdf5_default()),
        "attribute \(name) cannot be created")
      var number = Int64(number)
      try work.check(
        H5Awrite(attribute, chdf5_int64(), &number), "attribute \(name) cannot be written")
    }
  }

  func setAttribute(_ name: String, of object: hid_t, to text: String, _ work: HDF5Work) throws {
    let space = try work.own(H5Screate(H5S_SCALAR), "\(name): no shape")
    try setAttribute(name, of: object, to: [text], space, work)
  }

  private func setAttribute(
    _ name: String, of object: hid_t, to texts: [String], _ space: hid_t, _ work: HDF5Work
  ) throws {
    let type = try Self.textType(work)
    let attribute = try work.own(
      H5Acreate2(object, name, type, space, chdf5_default(), chdf5_default()),
      "attribute \(name) cannot be created")
    try Self.withCStrings(texts, name, work) { pointers in
      _ = try work.check(
        H5Awrite(attribute, type, pointers), "attribute \(name) cannot be written")
    }
  }

  /// The texts of an attribute of the root group, one if it is no list; nil if there is none.
  ///
  /// - Throws: ``DatasetError`` if it holds anything else.
  package func texts(ofAttribute name: String) throws -> [String]? {
    try run { work in
      guard let attribute = try openAttribute(name, work) else { return nil }
      let type = try work.own(H5Aget_type(attribute), "attribute \(name) has no type")
      let space = try work.own(H5Aget_space(attribute), "attribute \(name) has no shape")
      let count = try work.check(
        H5Sget_simple_extent_npoints(space), "attribute \(name) has no shape")
      let texts = HDF5Texts(type: type, name: "attribute \(name)")
      return try texts.read(count: Int(count), in: space, work) { buffer in
        H5Aread(attribute, type, buffer)
      }
    }
  }

  /// Whether there is an attribute of this name on the root group that holds texts.
  func isText(attribute name: String) throws -> Bool {
    try run { work in
      guard let attribute = try openAttribute(name, work) else { return false }
      let type = try work.own(H5Aget_type(attribute), "attribute \(name) has no type")
      return H5Tget_class(type) == H5T_STRING
    }
  }

  /// The integer of an attribute of the root group; nil if there is none.
  ///
  /// - Throws: ``DatasetError`` if it holds anything else.
  package func integer(ofAttribute name: String) throws -> Int? {
    try run { work in
      guard let attribute = try openAttribute(name, work) else { return nil }
      let type = try work.own(H5Aget_type(attribute), "attribute \(name) has no type")
      let space = try work.own(H5Aget_space(attribute), "attribute \(name) has no shape")
      guard H5Tget_class(type) == H5T_INTEGER, H5Sget_simple_extent_npoints(space) == 1 else {
        throw work.error("attribute \(name) is not an integer")
      }
      var number: Int64 = 0
      try work.check(
        H5Aread(attribute, chdf5_int64(), &number), "attribute \(name) cannot be read")
      return Int(number)
    }
  }

  private func openAttribute(_ name: String, _ work: HDF5Work) throws -> hid_t? {
    guard try work.check(H5Aexists(id, name), "attribute \(name) cannot be looked for") > 0 else {
      return nil
    }
    return try work.own(H5Aopen(id, name, chdf5_default()), "attribute \(name) cannot be opened")
  }
}
