import Foundation
import JSONValues
import TestSupport

/// A directory with a small model, data and a recipe, to be spoiled in one place.
struct RunFiles {
  let directory: String
  var recipe: JSONObject

  var model: String { directory + "/model" }
  var data: String { directory + "/train.jsonl" }
  var output: String { directory + "/output" }
  var store: String { directory + "/store" }

  init() throws {
    directory = try Fixture.temporary("files")
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
    recipe = JSONObject([
      ("model", .string(directory + "/model")),
      ("train_dataset", ["path": .string(directory + "/train.jsonl")]),
      ("loss", ["name": "MultipleNegativesRankingLoss"]),
      ("runtime", ["store": .string(directory + "/store")]),
      (
        "args",
        [
          "output_dir": .string(directory + "/output"), "max_steps": 3, "logging_steps": 1,
          "per_device_train_batch_size": 4, "report_to": "none",
        ]
      ),
    ])
    try FileManager.default.copyItem(
      atPath: Fixture.path("tiny-bert", of: "EncodersTests"), toPath: model)
    try write(
      (0..<12).map { #"{"anchor": "question \#($0)", "positive": "the answer is \#($0)"}"# }
        .joined(separator: "\n") + "\n", to: data)
  }

  /// Files of a run with dropout on 240 pairs, evaluated on a small directory.
  static func ofCurve() throws -> RunFiles {
    var files = try RunFiles()
    let data = Fixture.path("curve-tiny", of: "TrainingTests")
    files.recipe["model"] = ["path": .string(files.model), "dropout": 0.1]
    files.recipe["train_dataset"] = [
      "path": .string(data + ".train.jsonl"), "columns": ["anchor", "positive"],
    ]
    files.recipe["evaluators"] = [
      ["type": "InformationRetrievalEvaluator", "name": "tiny", "path": .string(data + "-beir")]
    ]
    return files
  }

  /// Writes a file.
  func write(_ text: String, to path: String) throws {
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }

  /// Changes the bytes of a file.
  func change(_ path: String, _ body: (inout Data) throws -> Void) throws {
    var data = try Data(contentsOf: URL(filePath: path))
    try body(&data)
    try data.write(to: URL(filePath: path))
  }

  /// Changes the header of the model's weights.
  func changeHeader(_ body: (inout JSONObject) -> Void) throws {
    try change(model + "/model.safetensors") { data in
      let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      var header = try JSONValue(parsing: data[8..<8 + length]).object ?? JSONObject()
      body(&header)
      var text = Data(JSONValue.object(header).text().utf8)
      while text.count % 8 != 0 { text.append(0x20) }
      let size = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) }
      data = size + text + data[(8 + length)...]
    }
  }

  /// Multiplies tensors of the model.
  func scale(_ names: [String], by factor: Float) throws {
    try change(model + "/model.safetensors") { data in
      let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      let header = try JSONValue(parsing: data[8..<8 + length])
      for name in names {
        let offsets = header[name]?["data_offsets"]?.numbers.map { 8 + length + Int($0) } ?? [0, 0]
        data.withUnsafeMutableBytes { bytes in
          for place in stride(from: offsets[0], to: offsets[1], by: 4) {
            let value = bytes.loadUnaligned(fromByteOffset: place, as: Float.self)
            bytes.storeBytes(of: value * factor, toByteOffset: place, as: Float.self)
          }
        }
      }
    }
  }

  /// Writes the recipe and runs `ktrain fit` on it.
  func fit(_ arguments: String...) throws -> CommandLineTool.Outcome {
    try CommandLineTool.run(fitting(arguments))
  }

  /// Writes the recipe; the arguments that fit it.
  func fitting(_ arguments: [String] = []) throws -> [String] {
    let path = directory + "/recipe.json"
    try write(JSONValue.object(recipe).text(indent: 2), to: path)
    return ["fit", path] + arguments
  }
}
