import CHDF5
import Glibc

/// Columns of texts in an HDF5 file: datasets of the root group or, if it has none, of the only group
/// in it.
struct HDF5TextTable {
  /// A dataset of texts, or of numbers.
  struct Column {
    let name: String
    let rowCount: Int
    /// How many values a row has; nil if the dataset has one dimension, so that each row is one.
    let listLength: Int?
  }

  /// How many rows are read at a time.
  static let rowsAtATime = 4096

  let path: String
  /// The names of the columns, and of datasets of anything else, in the order of creation or, if the
  /// file does not tell it, of the names.
  let names: [String]
  /// Whether the order of the names was meant by whoever wrote the file.
  let hasOrder: Bool
  let file: HDF5File
  /// `/` or `/name/`.
  let group: String

  /// Whether a file is HDF5, by its name or its first bytes.
  static func isHDF5(_ path: String) throws -> Bool {
    let name = path.lowercased()
    if name.hasSuffix(".h5") || name.hasSuffix(".hdf5") { return true }
    var status = stat()
    // A pipe is not opened, for it can be read only once.
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
    var start = [UInt8](repeating: 0, count: 8)
    let count = try start.withUnsafeMutableBytes { try InputFile(path: path).read(at: 0, into: $0) }
    return count == 8 && start == [0x89] + Array("HDF\r\n\u{1A}\n".utf8)
  }

  init(path: String) throws {
    _ = try InputFile(path: path).size()  // the system's reasons are clearer than the library's
    self.path = path
    file = try HDF5File(reading: path, path: path)
    var (members, isTracked) = try file.members(of: "/")
    var group = "/"
    if !members.contains(where: \.isDataset) {
      let groups = members.filter { !$0.isDataset }.map(\.name)
      guard groups.count == 1 else {
        throw DatasetError(
          .missingColumn,
          "there is no dataset in /, and \(groups.count) groups; expected a dataset for each column, "
            + "or one group of them", path: path)
      }
      group = "/\(groups[0])/"
      (members, isTracked) = try file.members(of: group)
    }
    self.group = group
    let names = members.filter(\.isDataset).map(\.name)
    let listed = try file.texts(ofAttribute: "columns")
    for name in listed ?? [] where !names.contains(where: { $0.utf8.elementsEqual(name.utf8) }) {
      throw DatasetError(
        .missingColumn,
        "the attribute columns names \"\(name)\", but there is no dataset \(group)\(name)",
        path: path, column: name)
    }
    self.names = listed ?? names
    hasOrder = listed != nil || isTracked
  }

  /// The shape of a column of texts.
  ///
  /// - Throws: ``DatasetError`` if there is no such dataset, or if it holds no texts.
  func column(_ name: String) throws -> Column {
    try column(name, of: [H5T_STRING], expected: "texts, one for each row", else: .notText)
  }

  /// The shape of a dataset.
  ///
  /// - Parameters:
  ///   - name: Its name.
  ///   - classes: What it may hold.
  ///   - expected: The same in words.
  ///   - code: What kind of error anything else is.
  /// - Returns: The shape.
  /// - Throws: ``DatasetError``.
  func column(
    _ name: String, of classes: [H5T_class_t], expected: String, else code: DatasetError.Code
  ) throws -> Column {
    try file.run { work in
      guard H5Lexists(file.id, group + name, chdf5_default()) > 0 else {
        let found = names.map { "\"\($0)\"" }.joined(separator: ", ")
        throw DatasetError(
          .missingColumn, "there is no dataset \(group)\(name); the file has \(found)", path: path,
          column: name)
      }
      let dataset = try file.openDataset(group + name, work)
      let type = try work.own(H5Dget_type(dataset), "\(group)\(name) has no type")
      let shape = try file.dimensions(of: dataset, group + name, work)
      guard classes.contains(H5Tget_class(type)), shape.count == 1 || shape.count == 2 else {
        throw DatasetError(
          code,
          "the dataset \(group)\(name) holds \(Self.kind(of: type)) of shape \(shape); expected "
            + expected, path: path, column: name)
      }
      try Self.checkStorage(of: dataset, type, shape, group + name, work)
      return Column(name: name, rowCount: shape[0], listLength: shape.dropFirst().first)
    }
  }

  /// Checks that there may be as many values as the shape says, so that no memory is taken for others.
  private static func checkStorage(
    of dataset: hid_t, _ type: hid_t, _ shape: [Int], _ name: String, _ work: HDF5Work
  ) throws {
    if shape.contains(0) { return }
    let stored = Int(clamping: H5Dget_storage_size(dataset))
    guard stored > 0 else {
      throw work.error("\(name) has shape \(shape), but nothing is stored")
    }
    let creation = try work.own(H5Dget_create_plist(dataset), "\(name): no property list")
    // Compressed texts are smaller than what they are read to, by a thousand times at the most.
    let ratio = H5Pget_nfilters(creation) > 0 ? 1 << 12 : 1
    var bytes = H5Tget_size(type)
    for size in shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: size)
      guard !overflow, product / ratio <= stored else {
        throw work.error("\(name) has shape \(shape), but only \(stored) bytes are stored")
      }
      bytes = product
    }
  }

  /// Texts of some rows, those of each row one after the other.
  func texts(of column: Column, rows: Range<Int>) throws -> [String] {
    try file.run { work in
      let name = group + column.name
      let dataset = try file.openDataset(name, work)
      let type = try work.own(H5Dget_type(dataset), "\(name) has no type")
      let shape = [column.rowCount] + (column.listLength.map { [$0] } ?? [])
      let (memory, selection) = try file.select(
        rows: rows, of: dataset, shape: shape, name, work)
      let texts = HDF5Texts(
        type: type, name: name, firstRow: rows.lowerBound, perRow: column.listLength ?? 1)
      return try texts.read(count: rows.count * texts.perRow, in: memory, work) { buffer in
        H5Dread(dataset, type, memory, selection, chdf5_default(), buffer)
      }
    }
  }

  private static func kind(of type: hid_t) -> String {
    switch H5Tget_class(type) {
    case H5T_INTEGER: "integers"
    case H5T_FLOAT: "numbers"
    case H5T_STRING: "texts"
    case H5T_ENUM: "booleans or another enumeration"
    default: "something else than texts and numbers"
    }
  }
}

extension HDF5File {
  /// The datasets and groups of a group, and whether they come in the order of their creation.
  fileprivate func members(
    of group: String
  ) throws -> (members: [(name: String, isDataset: Bool)], isTracked: Bool) {
    try run { work in
      let id = try work.own(
        H5Gopen2(id, group, chdf5_default()), "the group \(group) cannot be opened")
      let creation = try work.own(H5Gget_create_plist(id), "\(group): no property list")
      var order: UInt32 = 0
      try work.check(
        H5Pget_link_creation_order(creation, &order), "\(group) has no order of creation")
      let isTracked = order & UInt32(H5P_CRT_ORDER_TRACKED) != 0
      var information = H5G_info_t()
      try work.check(H5Gget_info(id, &information), "\(group) cannot be read")
      let members = try (0..<information.nlinks).map { number in
        try member(number, of: id, group, isTracked ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME, work)
      }
      return (members, isTracked)
    }
  }

  private func member(
    _ number: UInt64, of id: hid_t, _ group: String, _ index: H5_index_t, _ work: HDF5Work
  ) throws -> (name: String, isDataset: Bool) {
    func name(into buffer: UnsafeMutablePointer<CChar>?, _ size: Int) throws -> Int {
      try work.check(
        H5Lget_name_by_idx(
          id, ".", index, H5_ITER_INC, number, buffer, size, chdf5_default()),
        "\(group): link \(number) has no name")
    }
    var bytes = [CChar](repeating: 0, count: try name(into: nil, 0) + 1)
    _ = try name(into: &bytes, bytes.count)
    let text = String(decoding: bytes.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    let object = try work.own(
      H5Oopen(id, bytes, chdf5_default()), "\(group)\(text) cannot be opened")
    return (text, H5Iget_type(object) == H5I_DATASET)
  }
}
