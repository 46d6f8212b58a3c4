import JSONValues
import Retrieval

/// The metrics of several models on several data sets, side by side.
struct EvaluationTable {
  /// What was measured of one model on one data set.
  struct Cell {
    let report: InformationRetrievalReport
    let tables: [AutoRAGTable]

    var values: [(key: String, value: Double)] { report.values + tables.flatMap(\.values) }
  }

  /// The models, as they were named.
  let models: [String]
  /// The data sets, as they were named.
  let data: [String]
  /// For each model and data set.
  let cells: [[Cell]]

  /// For people: of one model a column for each data set, else a column for each model, of two also
  /// the change, and the data sets below one another.
  var text: String {
    let table = models.count == 1 ? byData : byModel
    let more = models.indices.flatMap { model in
      data.indices.flatMap { set in
        cells[model][set].tables.map { table in
          let whose = models.count == 1 ? "" : Self.short(models)[model] + ", "
          return "\n\n\(whose)\(data[set]), \(table.title)\n\(table.text)"
        }
      }
    }
    return table + more.joined()
  }

  private var byData: String {
    let means = data.count > 1
    let rows = cells[0][0].report.values.indices.map { index -> [String] in
      let values = cells[0].map { $0.report.values[index].value }
      return [cells[0][0].report.values[index].key]
        + (values + (means ? [Self.mean(values)] : [])).map { Format.fixed($0, 4) }
    }
    return Format.table([[""] + Self.short(data) + (means ? ["mean"] : [])] + rows)
  }

  private var byModel: String {
    let isPair = models.count == 2
    var rows = [[""] + Self.short(models) + (isPair ? ["change"] : [])]
    // Score functions are those of each model, so metrics go by their names.
    var names: [String] = []
    for cell in cells.joined() {
      names += cell.report.values.map(\.key).filter { !names.contains($0) }
    }
    func add(_ name: String, _ values: [Double?]) {
      let cells = values.map { $0.map { Format.fixed($0, 4) } ?? "-" }
      let change = isPair ? [values[0], values[1]].compactMap { $0 } : []
      rows.append(
        ["  " + name] + cells
          + (isPair ? [change.count == 2 ? Format.change(change[1] - change[0], 4) : "-"] : []))
    }
    for (set, title) in Self.short(data).enumerated() {
      rows.append([title])
      for name in names { add(name, cells.map { $0[set].value(name) }) }
    }
    guard data.count > 1 else { return Format.table(rows) }
    rows.append(["mean of \(data.count)"])
    for name in names {
      add(
        name,
        cells.map { cells in
          let values = cells.compactMap { $0.value(name) }
          return values.count == cells.count ? Self.mean(values) : nil
        })
    }
    return Format.table(rows)
  }

  private static func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
  }

  /// Paths by their last parts, as many of them as it takes to tell them apart.
  static func short(_ paths: [String]) -> [String] {
    let parts = paths.map { $0.split(separator: "/").map(String.init) }
    let most = parts.map(\.count).max() ?? 1
    for count in 1...max(1, most) {
      let names = parts.map { $0.suffix(count).joined(separator: "/") }
      if Set(names).count == Set(paths).count { return names }
    }
    return paths
  }

  /// An object from data set to metric to value; of several models one of these for each.
  var json: String {
    func object(_ cells: [Cell]) -> JSONValue {
      .object(
        JSONObject(
          zip(data, cells).map { name, cell in
            (name, .object(JSONObject(cell.values.map { ($0.key, .number($0.value)) })))
          }))
    }
    let value =
      models.count == 1
      ? object(cells[0]) : .object(JSONObject(zip(models, cells).map { ($0, object($1)) }))
    return value.text(indent: 2)
  }

  /// A line for each model and data set, under one of names.
  var csv: String {
    var names: [String] = []
    for cell in cells.joined() { names += cell.values.map(\.key).filter { !names.contains($0) } }
    var lines = [["model", "data"] + names]
    for (model, cells) in zip(models, cells) {
      for (set, cell) in zip(data, cells) {
        let values = Dictionary(cell.values.map { ($0.key, $0.value) }) { first, _ in first }
        lines.append([model, set] + names.map { values[$0].map { String(describing: $0) } ?? "" })
      }
    }
    return lines.map { $0.map(Self.quoted).joined(separator: ",") + "\n" }.joined()
  }

  private static func quoted(_ field: String) -> String {
    guard field.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return field }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
}

extension EvaluationTable.Cell {
  fileprivate func value(_ name: String) -> Double? {
    report.values.first { $0.key == name }?.value
  }
}
