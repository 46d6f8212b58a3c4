import Foundation
import JSONValues
import TestSupport
import Testing

/// What `fit` makes of what it finds in `output_dir`.
@Suite struct ResumeTests {
  /// A run of six steps as a kill after the fifth leaves it: checkpoints of steps 2 and 4.
  private func interrupted() throws -> (files: RunFiles, straight: String) {
    var files = try RunFiles()
    files.setArgument("max_steps", 6)
    files.setArgument("save_steps", 2)
    let straight = files.directory + "/straight"
    for output in [straight, files.output] {
      let outcome = try files.fit("--output-dir", output)
      #expect(outcome.status == 0, "\(outcome.error)")
    }
    for name in ["final", "checkpoint-6"] {
      try FileManager.default.removeItem(atPath: files.output + "/" + name)
    }
    return (files, straight)
  }

  private func expectRefusal(
    _ outcome: CommandLineTool.Outcome, _ messages: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(outcome.status == 1, "\(outcome.error)", sourceLocation: sourceLocation)
    #expect(
      outcome.error.split(separator: "\n").count == 1, "\(outcome.error)",
      sourceLocation: sourceLocation)
    for message in messages {
      #expect(
        outcome.error.contains(message), "\(outcome.error)", sourceLocation: sourceLocation)
    }
  }

  @Test func theNewestCheckpointIsContinued() throws {
    let (files, straight) = try interrupted()
    let outcome = try files.fit()
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.contains("resumed  \(files.output)/checkpoint-4, after step 4\n"))
    #expect(!outcome.error.contains("step 4/6") && outcome.error.contains("step 5/6"))
    try expectSameRuns(files.output, straight, "resumed")
  }

  @Test func aFinishedRunIsLeftAlone() throws {
    let files = try RunFiles()
    #expect(try files.fit().status == 0)
    let log = try Data(contentsOf: URL(filePath: files.output + "/log.jsonl"))
    let again = try files.fit()
    #expect(again.status == 0 && again.error.hasPrefix("already finished: "), "\(again.error)")
    #expect(try Data(contentsOf: URL(filePath: files.output + "/log.jsonl")) == log)
    // Killed before its report was there.
    try FileManager.default.removeItem(atPath: files.output + "/report.html")
    #expect(try files.fit().error.hasPrefix("already finished: "))
    #expect(FileManager.default.fileExists(atPath: files.output + "/report.html"))
    expectRefusal(try files.fit("--resume", "never"), files.output, "is not empty")
    expectRefusal(
      try files.fit("--set", "args.seed=7"), "finished run", "args.seed was 42 and is 7")
  }

  /// Killed before its first checkpoint.
  @Test func aRunWithoutACheckpointStartsOnceMore() throws {
    let (files, straight) = try interrupted()
    for step in [2, 4] {
      try FileManager.default.removeItem(atPath: "\(files.output)/checkpoint-\(step)")
    }
    expectRefusal(try files.fit("--set", "args.seed=7"), "args.seed was 42 and is 7")
    let outcome = try files.fit()
    #expect(outcome.status == 0 && outcome.error.contains("starts once more"), "\(outcome.error)")
    try expectSameRuns(files.output, straight, "started once more")
  }

  @Test func whatCannotChangeTheResultMayDiffer() throws {
    let (files, straight) = try interrupted()
    let moved = files.directory + "/moved.jsonl"
    try FileManager.default.moveItem(atPath: files.data, toPath: moved)
    let outcome = try files.fit(
      "--set", "args.save_steps=3", "--set", "train_dataset.path=" + moved, "--set",
      "runtime.memory=1GiB")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.contains("checkpoint-4 args.save_steps was 2 and is 3\n"))
    #expect(outcome.error.contains("checkpoint-4 runtime.memory was null and is \"1GiB\"\n"))
    #expect(!outcome.error.contains("train_dataset"))
    let name = "/final/model.safetensors"
    #expect(
      try Data(contentsOf: URL(filePath: files.output + name))
        == Data(contentsOf: URL(filePath: straight + name)))
  }

  @Test func anotherRecipeNeedsForce() throws {
    let (files, _) = try interrupted()
    let changes = ["--set", "args.learning_rate=0.5", "--set", "loss.scale=10"]
    let arguments = try files.fitting(changes)
    expectRefusal(
      try CommandLineTool.run(arguments), "checkpoint-4: is of another run",
      "args.learning_rate was 5e-05 and is 0.5", "loss.scale was 20.0 and is 10", "--force")
    let forced = try CommandLineTool.run(arguments + ["--force"])
    #expect(forced.status == 0, "\(forced.error)")
    #expect(forced.error.contains("note     since "), "\(forced.error)")
    #expect(forced.error.contains("resumed  "), "\(forced.error)")
  }

  @Test(arguments: ["data", "truncated data", "model", "tokenizer"])
  func otherFilesAreNoticed(what: String) throws {
    let (files, straight) = try interrupted()
    let path =
      switch what {
      case "model": files.model + "/config.json"
      case "tokenizer": files.model + "/tokenizer_config.json"
      default: files.data
      }
    let before = try Data(contentsOf: URL(filePath: path))
    if what == "truncated data" {
      let lines = String(decoding: before, as: UTF8.self).split(separator: "\n")
      try files.write(lines.dropLast().joined(separator: "\n"), to: path)
    } else if what == "data" {
      try files.replace("question 7", "question 8", in: path)
    } else {
      try files.change(path) { $0.append(0x20) }
    }
    let role = what.hasSuffix("data") ? "train_dataset" : what
    expectRefusal(try files.fit(), "\(role): ", "has other contents than then")
    try before.write(to: URL(filePath: path))
    #expect(try files.fit().status == 0)
    try expectSameRuns(files.output, straight, "put back")
  }

  /// A bit is another one: in the middle of the file, in its last byte, or in a name, a number or a
  /// brace of its header.
  @Test(arguments: [
    ("model.safetensors", ""), ("model.safetensors", "."), ("model.safetensors", "encoder.layer.1"),
    ("optimizer.safetensors", ""), ("optimizer.safetensors", "."),
    ("optimizer.safetensors", "\"4\""), ("optimizer.safetensors", "{\"dtype"),
    ("trainer_state.json", ""), ("training_state.json", ""),
  ])
  func aDamagedCheckpointIsPassedOver(file: String, place: String) throws {
    let (files, straight) = try interrupted()
    try files.change("\(files.output)/checkpoint-4/\(file)") { data in
      switch place {
      case "": data[data.count / 2] ^= 1
      case ".": data[data.count - 1] ^= 1
      default:
        let range = try #require(data.range(of: Data(place.utf8)))
        data[range.upperBound - 2] ^= 1
      }
    }
    let outcome = try files.fit()
    #expect(outcome.status == 0, "\(outcome.error)")
    let damaged = "\(files.output)/checkpoint-4 is damaged: \(files.output)/checkpoint-4/\(file): "
    #expect(outcome.error.contains(damaged), "\(outcome.error)")
    #expect(outcome.error.contains("; an older checkpoint is continued\n"), "\(outcome.error)")
    #expect(outcome.error.contains("resumed  \(files.output)/checkpoint-2, after step 2\n"))
    try expectSameRuns(files.output, straight, "resumed from an older one")
  }

  @Test func noCheckpointIsWhole() throws {
    let (files, _) = try interrupted()
    for (step, name) in [(2, "model"), (4, "optimizer")] {
      try files.change("\(files.output)/checkpoint-\(step)/\(name).safetensors") {
        $0[$0.count - 9] ^= 1
      }
    }
    let damage = "checkpoint-4/optimizer.safetensors: has SHA-256 "
    expectRefusal(try files.fit(), damage, "no other checkpoint is left: remove it")
    let four = files.output + "/checkpoint-4"
    expectRefusal(try files.fit("--resume", four), damage)
  }

  @Test func aCheckpointWithoutManifestIsNone() throws {
    let (files, _) = try interrupted()
    for step in [2, 4] {
      try FileManager.default.removeItem(atPath: "\(files.output)/checkpoint-\(step)/manifest.json")
    }
    expectRefusal(try files.fit(), "checkpoint-4 is damaged", "manifest.json", "remove it")
  }

  @Test func aCertainCheckpointIsContinued() throws {
    let (files, straight) = try interrupted()
    let two = files.output + "/checkpoint-2"
    expectRefusal(try files.fit("--resume", two), "checkpoint-4, which is newer")
    let other = files.directory + "/other"
    let elsewhere = try files.fit("--resume", two, "--output-dir", other)
    #expect(elsewhere.status == 0, "\(elsewhere.error)")
    for name in ["/final/model.safetensors", "/checkpoint-6/optimizer.safetensors"] {
      #expect(
        try Data(contentsOf: URL(filePath: other + name))
          == Data(contentsOf: URL(filePath: straight + name)))
    }
    expectRefusal(try files.fit("--resume", files.model), "manifest.json")
  }

  @Test func modelsAloneCannotBeContinued() throws {
    var files = try RunFiles()
    files.setArgument("save_only_model", true)
    #expect(try files.fit().status == 0)
    try FileManager.default.removeItem(atPath: files.output + "/final")
    expectRefusal(try files.fit(), "save_only_model")
  }

  @Test func leftoversAreClearedAway() throws {
    let (files, straight) = try interrupted()
    // The number is that of a living process, as it may be in a container.
    for name in [".checkpoint-6.ktrain-1.new", ".log.jsonl.ktrain-1.new"] {
      try FileManager.default.createDirectory(
        atPath: files.output + "/" + name, withIntermediateDirectories: false)
    }
    try FileManager.default.moveItem(
      atPath: files.output + "/checkpoint-4",
      toPath: files.output + "/.checkpoint-4.ktrain-1.old")
    #expect(try files.fit().error.contains("checkpoint-4, after step 4"))
    try expectSameRuns(files.output, straight, "cleared")
  }
}
