import CHDF5

extension HDF5TextTable {
  /// The shape of a column of numbers, little endian: float32, float64, int32 or int64.
  ///
  /// Of other types libhdf5 would be trusted to convert what a damaged file makes up.
  ///
  /// - Throws: ``DatasetError`` if there is no such dataset, or if it holds no numbers.
  func numbers(_ name: String) throws -> Column {
    let column = try column(
      name, of: [H5T_INTEGER, H5T_FLOAT], expected: "numbers, since it stands for labels",
      else: .notNumber)
    try file.run { work in
      let dataset = try file.openDataset(group + name, work)
      let type = try work.own(H5Dget_type(dataset), "\(group)\(name) has no type")
      let types = [chdf5_float32(), chdf5_float64(), chdf5_int32(), chdf5_int64()]
      guard types.contains(where: { H5Tequal(type, $0) > 0 }) else {
        throw DatasetError(
          .notNumber,
          "the dataset \(group)\(name) holds numbers of a type that is not read; expected float32, "
            + "float64, int32 or int64, little endian", path: path, column: name)
      }
    }
    guard column.listLength != 0 else {
      throw DatasetError(
        .listLength, "the dataset \(group)\(name) holds empty lists; expected at least one number",
        path: path, column: name)
    }
    return column
  }

  /// Numbers of some rows, those of each row one after the other.
  ///
  /// - Throws: ``DatasetError`` if one is not finite.
  func numbers(of column: Column, rows: Range<Int>) throws -> [Float] {
    let numbers = try file.run { work in
      let name = group + column.name
      let dataset = try file.openDataset(name, work)
      let shape = [column.rowCount] + (column.listLength.map { [$0] } ?? [])
      let (memory, selection) = try file.select(rows: rows, of: dataset, shape: shape, name, work)
      var numbers = [Float](repeating: 0, count: rows.count * (column.listLength ?? 1))
      // The library turns whatever the file holds into floats.
      try work.check(
        H5Dread(dataset, chdf5_float32(), memory, selection, chdf5_default(), &numbers),
        "\(name) cannot be read")
      return numbers
    }
    guard let place = numbers.firstIndex(where: { !$0.isFinite }) else { return numbers }
    let found = numbers[place].isNaN ? "nan" : "\(numbers[place])"
    throw DatasetError(
      .notNumber,
      "the dataset \(group)\(column.name) holds \(found) in row "
        + "\(rows.lowerBound + place / (column.listLength ?? 1)); expected finite numbers",
      path: path, column: column.name)
  }
}
