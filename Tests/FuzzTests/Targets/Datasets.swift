import Datasets
import Foundation
import TestSupport

extension FuzzTarget {
  static let datasets = [
    FuzzTarget(
      name: "jsonl", file: "train.jsonl", more: fixtures("windows.jsonl", of: "DatasetsTests"),
      parse: { try readRows($0) }, faults: [DatasetError.self]),
    FuzzTarget(
      name: "jsonl-gzip", file: "train.jsonl.gz",
      more: fixtures("members.jsonl.gz", of: "DatasetsTests"), parse: { try readRows($0) },
      faults: [DatasetError.self]),
    FuzzTarget(
      name: "csv", file: "train.csv",
      more: fixtures("rows/windows.csv", "rows/unix.csv", "rows/mac.csv", of: "DatasetsTests"),
      parse: { try readRows($0) }, faults: [DatasetError.self]),
    FuzzTarget(
      name: "tsv", file: "train.tsv", more: fixtures("rows/tabs.tsv", of: "DatasetsTests"),
      parse: { try readRows($0) }, faults: [DatasetError.self]),
    FuzzTarget(
      name: "json-array", file: "train.json",
      more: fixtures("rows/pretty.json", of: "DatasetsTests"),
      parse: { try readRows($0) }, faults: [DatasetError.self]),
    FuzzTarget(
      name: "numpy", file: "vectors.npy", parse: { try readVectors($0) },
      faults: [DatasetError.self]),
    FuzzTarget(
      name: "hdf5-vectors", file: "vectors.h5", parse: { try readVectors($0) },
      faults: [DatasetError.self]),
    FuzzTarget(
      name: "hdf5-rows", file: "train.h5",
      more: fixtures(
        "hdf5/names.h5", "hdf5/padded.h5", "hdf5/lists.h5", "hdf5/group.h5", "hdf5/latin1.h5",
        "hdf5/empty.h5", "hdf5/label-lists.h5", "hdf5/label-nan.h5", of: "DatasetsTests"),
      parse: { try readRows($0) }, faults: [DatasetError.self]),
    beir("corpus", "corpus.jsonl"), beir("queries", "queries.jsonl"),
    beir("qrels", "qrels/test.tsv"),
  ]

  private static func readRows(_ path: String) throws {
    let data = try TextDataset(contentsOf: [path], limit: 1000)
    var total = 0
    for column in data.columns {
      guard column.count == data.rowCount else { throw Finding("\(column.name) has other rows") }
      for text in column { total += text.utf8.count }
    }
    if let labels = data.labels, labels.rowCount != data.rowCount {
      throw Finding("\(labels.name) has other rows")
    }
    blackHole(total + data.warnings.count)
  }

  private static func readVectors(_ path: String) throws {
    let file = try VectorFile(path: path)
    let rows = min(file.count, 16)
    let target = UnsafeMutableBufferPointer<Float>.allocate(capacity: rows * file.dimension)
    defer { target.deallocate() }
    try file.read(rows: file.count - rows..<file.count, into: target)
    blackHole(target.count)
  }

  /// One file of a BEIR directory whose other files are good.
  private static func beir(_ part: String, _ file: String) -> FuzzTarget {
    FuzzTarget(
      name: "beir-" + part, file: file,
      prepare: { directory in
        try FileManager.default.createDirectory(
          atPath: directory + "/qrels", withIntermediateDirectories: true)
        for (folder, name) in [
          ("corpus", "corpus.jsonl"), ("queries", "queries.jsonl"), ("qrels", "qrels/test.tsv"),
        ] {
          let good = try fixture("beir-\(folder)/good", of: "FuzzTests")
          try Data(good).write(to: URL(filePath: directory + "/" + name))
        }
      },
      parse: { path in
        let data = try BEIRDataset(contentsOf: String(path.dropLast(file.count + 1)))
        blackHole(data.corpus.count + data.relevant.count + data.unknownQueryCount)
      }, faults: [DatasetError.self])
  }
}
