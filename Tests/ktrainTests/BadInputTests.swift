import Foundation
import JSONValues
import TestSupport
import Testing

/// What a user gets wrong, as she gets it wrong: one line, exit status 1, nothing left behind.
@Suite struct BadInputTests {
  struct Fault: CustomTestStringConvertible, Sendable {
    let name: String
    let message: String
    let spoil: @Sendable (inout RunFiles) throws -> Void
    var testDescription: String { name }

    init(
      _ name: String, _ message: String,
      _ spoil: @escaping @Sendable (inout RunFiles) throws -> Void
    ) {
      self.name = name
      self.message = message
      self.spoil = spoil
    }
  }

  static let weights = "/model.safetensors"

  static let faults: [Fault] = [
    Fault("truncated weights", "model.safetensors") { files in
      try files.change(files.model + weights) { $0.removeLast(1000) }
    },
    Fault("truncated header", "model.safetensors") { files in
      try files.change(files.model + weights) { $0 = $0.prefix(40) }
    },
    Fault("lying header length", "model.safetensors") { files in
      try files.change(files.model + weights) { $0[6] = 0x7F }
    },
    Fault("overlapping offsets", "inside the tensor that ends at") { files in
      try files.changeHeader { header in
        let name = "embeddings.LayerNorm.weight"
        var entry = header[name]?.object ?? JSONObject()
        entry["data_offsets"] = header["embeddings.LayerNorm.bias"]?["data_offsets"]
        header[name] = .object(entry)
      }
    },
    Fault("missing tensor", "encoder.layer.1.output.dense.bias") { files in
      try files.changeHeader { header in
        header["encoder.layer.1.output.dense.bias.renamed"] =
          header["encoder.layer.1.output.dense.bias"]
        header["encoder.layer.1.output.dense.bias"] = nil
      }
    },
    Fault("wrong shape", "embeddings.LayerNorm.bias: has shape [4, 8]") { files in
      try files.changeHeader { header in
        var entry = header["embeddings.LayerNorm.bias"]?.object ?? JSONObject()
        entry["shape"] = [4, 8]
        header["embeddings.LayerNorm.bias"] = .object(entry)
      }
    },
    Fault("no batch without duplicates", "there is no batch of 4 rows") { files in
      let row = #"{"anchor": "the same question", "positive": "the same answer"}"#
      try files.write([String](repeating: row, count: 8).joined(separator: "\n"), to: files.data)
      files.setArgument("batch_sampler", "no_duplicates")
      files.setArgument("dataloader_drop_last", true)
    },
    Fault("malformed line", "train.jsonl:3") { files in
      try files.change(files.data) { data in
        var lines = String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
        lines[2].removeLast()
        data = Data(lines.joined(separator: "\n").utf8)
      }
    },
    Fault("missing column", "\"negative\"") { files in
      files.recipe["train_dataset"] = [
        "path": .string(files.data), "columns": ["anchor", "positive", "negative"],
      ]
    },
    Fault("empty data set", "train.jsonl") { files in try files.write("\n", to: files.data) },
    Fault("missing data set", "no.jsonl") { files in
      files.recipe["train_dataset"] = ["path": .string(files.directory + "/no.jsonl")]
    },
    Fault("batch of one", "has no negatives") { files in
      files.setArgument("per_device_train_batch_size", 1)
    },
    Fault("unknown key", "learning_rate") { files in files.setArgument("learning_rat", 1) },
    Fault("wrong type", "args.learning_rate") { files in
      files.setArgument("learning_rate", "fast")
    },
    Fault("unknown model type", "there is no code for \"gpt2\"") { files in
      try files.replace("\"bert\"", "\"gpt2\"", in: files.model + "/config.json")
    },
    Fault("output directory under a file", "cannot be created") { files in
      files.setArgument("output_dir", .string(files.data + "/output"))
    },
    Fault("output directory in use", "is not empty") { files in
      files.setArgument("output_dir", .string(files.model))
    },
    Fault("two precisions", "args.bf16") { files in
      files.setArgument("bf16", true)
      files.setArgument("fp16", true)
    },
    Fault("guide that is not there", "no/such/guide") { files in
      files.recipe["loss"] = ["name": "GISTEmbedLoss", "guide": "no/such/guide"]
    },
    Fault("more clusters than texts", "clusters.k: k is 13") { files in
      files.recipe["clusters"] = ["column": "positive", "encoder": .string(files.model), "k": 13]
    },
    Fault("option of a loss out of range", "loss.temperature") { files in
      files.recipe["loss"] = [
        "name": "CachedGISTEmbedLoss", "guide": .string(files.model), "temperature": 0,
      ]
    },
  ]

  @Test(arguments: faults)
  func aFaultIsOneLineAndLeavesNothing(_ fault: Fault) throws {
    var files = try RunFiles()
    try fault.spoil(&files)
    let before = try listing(files.directory)
    let outcome = try files.fit()
    #expect(outcome.status == 1, "\(outcome.error)")
    #expect(outcome.error.hasPrefix("ktrain: error: "), "\(outcome.error)")
    #expect(outcome.error.contains(fault.message), "\(outcome.error)")
    #expect(outcome.error.split(separator: "\n").count == 1, "\(outcome.error)")
    #expect(outcome.output.isEmpty)
    #expect(try listing(files.directory) == before.union(["recipe.json"]))
  }

  @Test func theSameFilesUnspoiledTrain() throws {
    let files = try RunFiles()
    let outcome = try files.fit()
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(FileManager.default.fileExists(atPath: files.output + "/final/model.safetensors"))
    #expect(outcome.error.contains("step 3/3"))
  }

  private func listing(_ directory: String) throws -> Set<String> {
    Set(try FileManager.default.subpathsOfDirectory(atPath: directory))
  }
}

extension RunFiles {
  mutating func setArgument(_ name: String, _ value: JSONValue) {
    var arguments = recipe["args"]?.object ?? JSONObject()
    arguments[name] = value
    recipe["args"] = .object(arguments)
  }

  func replace(_ old: String, _ new: String, in path: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try write(text.replacing(old, with: new), to: path)
  }
}
