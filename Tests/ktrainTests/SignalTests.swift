import Foundation
import JSONValues
import TestSupport
import Testing

/// A run that is told to stop saves what it has, says so by its status, and goes on when it is
/// started again.
@Suite(.serialized) struct SignalTests {
  /// 12 steps of many mini-batches each, evaluated every third.
  private func files() throws -> RunFiles {
    var files = try RunFiles()
    let data = Fixture.path("curve-tiny", of: "TrainingTests")
    files.recipe["model"] = ["path": .string(files.model), "dropout": 0.1]
    files.recipe["train_dataset"] = ["path": .string(data + ".train.jsonl")]
    files.recipe["loss"] = [
      "name": "CachedMultipleNegativesRankingLoss", "mini_batch_size": 2,
    ]
    files.recipe["evaluators"] = [
      ["type": "InformationRetrievalEvaluator", "name": "tiny", "path": .string(data + "-beir")]
    ]
    for (name, value) in [
      "max_steps": 12, "per_device_train_batch_size": 100, "logging_steps": 2, "save_steps": 12,
      "eval_strategy": "steps", "eval_steps": 3, "metric_for_best_model": "tiny_cosine_mrr@10",
    ] as [String: JSONValue] { files.setArgument(name, value) }
    return files
  }

  /// Sends a signal and waits for the end.
  private func stop(_ process: Process, _ signal: Int32, times: Int = 1) {
    for _ in 0..<times where process.isRunning {
      kill(process.processIdentifier, signal)
      Thread.sleep(forTimeInterval: 0.002)
    }
    process.waitUntilExit()
  }

  @Test(arguments: [(SIGTERM, 143, 1), (SIGINT, 130, 1), (SIGTERM, 143, 2)])
  func theRunIsSavedAndGoesOn(signal: Int32, status: Int32, times: Int) throws {
    let files = try files()
    let straight = files.directory + "/straight"
    let began = ContinuousClock.now
    #expect(try files.fit("--output-dir", straight).status == 0)
    let time = ContinuousClock.now - began
    let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
    let arguments = try files.fitting()
    let log = files.directory + "/stderr"
    var generator = SplitMix(seed: UInt64(status) + UInt64(times))
    var (stops, isDone) = (0, false)
    while !isDone {
      let process = try CommandLineTool.start(arguments, error: log)
      if stops == 0 {
        // The first one surely in time, however fast the run is on a machine that others use.
        while process.isRunning,
          try !String(contentsOfFile: log, encoding: .utf8).contains("step 2/")
        {
          Thread.sleep(forTimeInterval: 0.002)
        }
      } else {
        Thread.sleep(forTimeInterval: Double.random(in: 0.2...0.6, using: &generator) * seconds)
      }
      let wasRunning = process.isRunning
      stop(process, signal, times: times)
      let text = try String(contentsOfFile: log, encoding: .utf8)
      isDone = process.terminationReason == .exit && process.terminationStatus == 0
      if isDone { break }
      #expect(wasRunning && process.terminationStatus == status, "\(text)")
      if times == 1, text.contains("tokens/s") {
        stops += 1
        let last = try #require(text.split(separator: "\n").last)
        #expect(
          last.hasPrefix("stopped  after step ") && last.contains("goes on from it"), "\(text)")
      }
      if times == 2 {
        stops += 1
        if stops == 4 { isDone = try CommandLineTool.run(arguments).status == 0 }
      }
    }
    #expect(stops > 0)
    for name in try FileManager.default.contentsOfDirectory(atPath: files.output)
    where name.hasPrefix("checkpoint-") && name != "checkpoint-12" {
      try FileManager.default.removeItem(atPath: files.output + "/" + name)
    }
    try expectSameRuns(files.output, straight, "after \(stops) signals")
  }

  @Test func nothingIsLostBeforeTheFirstStep() throws {
    let files = try files()
    let process = try CommandLineTool.start(
      files.fitting(), error: files.directory + "/stderr")
    stop(process, SIGTERM)
    #expect([15, 143].contains(process.terminationStatus))  // before or after it listens
    #expect(try files.fit().status == 0)
  }

  @Test func aModelAloneIsSaidToBeTheEnd() throws {
    var files = try files()
    files.setArgument("save_only_model", true)
    files.setArgument("max_steps", 300)
    let log = files.directory + "/stderr"
    let process = try CommandLineTool.start(files.fitting(), error: log)
    while try !String(contentsOfFile: log, encoding: .utf8).contains("step 2/") {
      Thread.sleep(forTimeInterval: 0.01)
    }
    stop(process, SIGTERM)
    #expect(process.terminationStatus == 143)
    let text = try String(contentsOfFile: log, encoding: .utf8)
    #expect(text.contains("save_only_model) and cannot be continued"), "\(text)")
  }
}
