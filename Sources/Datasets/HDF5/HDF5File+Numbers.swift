import CHDF5

extension HDF5File {
  /// Writes an array of numbers, its rows one after the other.
  ///
  /// - Parameters:
  ///   - elements: As many as `shape` says.
  ///   - shape: The sizes, that of the rows first.
  ///   - name: The dataset's name; there is none of this name yet.
  ///   - description: What the numbers are, for whoever looks into the file.
  ///   - unit: What one of them counts or measures.
  /// - Throws: ``DatasetError``.
  package func write<Element: HDF5Element>(
    _ elements: UnsafeBufferPointer<Element>, shape: [Int], as name: String,
    description: String, unit: String
  ) throws {
    precondition(
      elements.count == shape.reduce(1, *), "\(elements.count) elements of shape \(shape)")
    try run { work in
      let space = try work.own(
        H5Screate_simple(Int32(shape.count), shape.map(UInt64.init), nil), "\(name): no shape")
      let creation = try work.own(H5Pcreate(chdf5_dataset_create()), "no property list")
      try work.check(H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER), "\(name): fill time")
      try work.check(H5Pset_obj_track_times(creation, false), "\(name): times")
      let type = Element.hdf5.id
      let dataset = try work.own(
        H5Dcreate2(id, name, type, space, chdf5_default(), creation, chdf5_default()),
        "\(name) cannot be created")
      try setAttribute("description", of: dataset, to: description, work)
      try setAttribute("unit", of: dataset, to: unit, work)
      guard !elements.isEmpty else { return }
      try work.check(
        H5Dwrite(dataset, type, chdf5_all(), chdf5_all(), chdf5_default(), elements.baseAddress),
        "\(name) cannot be written")
    }
  }

  /// The sizes of an array of numbers, all of which are there.
  ///
  /// - Throws: ``DatasetError`` if there is no such dataset, if it is of another type or rank, or if it
  ///   holds less than it says.
  package func shape<Element: HDF5Element>(
    of name: String, _ element: Element.Type, rank: Int
  ) throws -> [Int] {
    try run { work in try checkedShape(openDataset(name, work), name, element, rank: rank, work) }
  }

  /// Reads rows of an array of numbers.
  ///
  /// - Parameters:
  ///   - rows: Which of them.
  ///   - name: The dataset's name.
  ///   - shape: What ``shape(of:_:rank:)`` says.
  ///   - buffer: As large as the rows are.
  /// - Throws: ``DatasetError``.
  package func read<Element: HDF5Element>(
    rows: Range<Int>, of name: String, shape: [Int],
    into buffer: UnsafeMutableBufferPointer<Element>
  ) throws {
    let width = shape.dropFirst().reduce(1, *)
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= shape[0] && buffer.count == rows.count * width,
      "rows \(rows) of \(name), shape \(shape), into \(buffer.count) elements")
    guard !buffer.isEmpty else { return }
    try run { work in
      let dataset = try openDataset(name, work)
      let found = try checkedShape(dataset, name, Element.self, rank: shape.count, work)
      guard found == shape else { throw work.error("\(name) has shape \(found), not \(shape)") }
      let (memory, file) = try select(rows: rows, of: dataset, shape: shape, name, work)
      try work.check(
        H5Dread(dataset, Element.hdf5.id, memory, file, chdf5_default(), buffer.baseAddress),
        "\(name) cannot be read")
    }
  }

  /// Reads all of an array of numbers.
  ///
  /// - Throws: ``DatasetError``; see ``shape(of:_:rank:)``.
  package func read<Element: HDF5Element>(
    _ element: Element.Type, of name: String, rank: Int
  ) throws -> (elements: [Element], shape: [Int]) {
    let shape = try shape(of: name, element, rank: rank)
    let count = shape.reduce(1, *)
    let elements = try [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      try read(
        rows: 0..<shape[0], of: name, shape: shape, into: .init(rebasing: buffer[..<count]))
      initialized = count
    }
    return (elements, shape)
  }

  /// Where the elements of an array stand in the file; nil if they do not stand in one piece.
  func offset(of name: String) throws -> Int? {
    try run { work in
      let dataset = try openDataset(name, work)
      let creation = try work.own(H5Dget_create_plist(dataset), "\(name): no property list")
      let offset = H5Dget_offset(dataset)
      return H5Pget_layout(creation) == H5D_CONTIGUOUS ? Int(exactly: offset) : nil
    }
  }

  func openDataset(_ name: String, _ work: HDF5Work) throws -> hid_t {
    guard H5Lexists(id, name, chdf5_default()) > 0 else {
      throw work.error("there is no dataset \(name)")
    }
    return try work.own(H5Dopen2(id, name, chdf5_default()), "\(name) cannot be opened")
  }

  /// The sizes of a dataset of any type.
  func dimensions(of dataset: hid_t, _ name: String, _ work: HDF5Work) throws -> [Int] {
    let space = try work.own(H5Dget_space(dataset), "\(name) has no shape")
    guard H5Sget_simple_extent_type(space) != H5S_NULL else {
      throw work.error("\(name) is empty and has no shape")
    }
    let rank = try work.check(H5Sget_simple_extent_ndims(space), "\(name) has no shape")
    var sizes = [hsize_t](repeating: 0, count: Int(rank))
    try work.check(H5Sget_simple_extent_dims(space, &sizes, nil), "\(name) has no shape")
    return try sizes.map { size in
      guard let size = Int(exactly: size) else {
        throw work.error("\(name) has a size of \(size), which no file can hold")
      }
      return size
    }
  }

  /// Selections of memory and of the file for some rows.
  func select(
    rows: Range<Int>, of dataset: hid_t, shape: [Int], _ name: String, _ work: HDF5Work
  ) throws -> (memory: hid_t, file: hid_t) {
    let file = try work.own(H5Dget_space(dataset), "\(name) has no shape")
    var (start, count) = (shape.map { _ in UInt64(0) }, shape.map(UInt64.init))
    (start[0], count[0]) = (UInt64(rows.lowerBound), UInt64(rows.count))
    try work.check(
      H5Sselect_hyperslab(file, H5S_SELECT_SET, start, nil, count, nil),
      "\(name) has no rows \(rows)")
    let memory = try work.own(
      H5Screate_simple(Int32(count.count), count, nil), "\(name): no shape")
    return (memory, file)
  }

  private func checkedShape<Element: HDF5Element>(
    _ dataset: hid_t, _ name: String, _: Element.Type, rank: Int, _ work: HDF5Work
  ) throws -> [Int] {
    let type = try work.own(H5Dget_type(dataset), "\(name) has no type")
    guard try work.check(H5Tequal(type, Element.hdf5.id), "\(name) has no type") > 0 else {
      throw work.error("\(name) does not hold \(Element.hdf5)")
    }
    let shape = try dimensions(of: dataset, name, work)
    guard shape.count == rank else {
      throw work.error("\(name) has shape \(shape), expected \(rank) dimensions")
    }
    var bytes = MemoryLayout<Element>.size
    for size in shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: size)
      guard !overflow else { throw work.error("\(name) has shape \(shape), which is too large") }
      bytes = product
    }
    let creation = try work.own(H5Dget_create_plist(dataset), "\(name): no property list")
    // Compressed data are smaller than what they hold; others are as large.
    let stored = H5Dget_storage_size(dataset)
    guard stored >= bytes || H5Pget_nfilters(creation) > 0 && stored > 0 else {
      throw work.error("\(name) has shape \(shape), but only \(stored) bytes are stored")
    }
    return shape
  }
}
