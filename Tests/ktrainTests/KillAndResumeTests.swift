import Foundation
import JSONValues
import TestSupport
import Testing

/// A run that is killed again and again, while it computes and while it saves, ends as the one that
/// is let be.
///
/// Four kills each; more by hand:
///
///     KTRAIN_KILLS=50 swift test -c release --filter KillAndResumeTests
@Suite(.serialized) struct KillAndResumeTests {
  static let kills = Int(ProcessInfo.processInfo.environment["KTRAIN_KILLS"] ?? "") ?? 4

  struct Variant: CustomTestStringConvertible, Sendable {
    let name: String
    let changes: @Sendable (inout RunFiles) -> Void
    var testDescription: String { name }
  }

  static let variants = [
    Variant(name: "fp32") { _ in },
    Variant(name: "bf16") { $0.setArgument("bf16", true) },
    Variant(name: "fp16") { $0.setArgument("fp16", true) },
    Variant(name: "CachedGIST from clusters") { files in
      files.recipe["loss"] = [
        "name": "CachedGISTEmbedLoss", "guide": .string(files.model), "mini_batch_size": 8,
      ]
      files.recipe["clusters"] = ["column": "positive", "encoder": .string(files.model), "k": 4]
    },
  ]

  /// 22 steps in 2 epochs, the last of which is cut short, with dropout.
  private func files(_ variant: Variant) throws -> RunFiles {
    var files = try RunFiles.ofCurve()
    for (name, value) in [
      "max_steps": 22, "per_device_train_batch_size": 16, "batch_sampler": "no_duplicates",
      "learning_rate": 1e-3, "warmup_ratio": 0.1, "logging_steps": 3, "save_steps": 4,
      "eval_strategy": "steps", "eval_steps": 8, "eval_on_start": true,
      "metric_for_best_model": "tiny_cosine_ndcg@10", "save_total_limit": 3,
    ] as [String: JSONValue] { files.setArgument(name, value) }
    variant.changes(&files)
    return files
  }

  /// All with one and with two threads by hand, half of these in the suite.
  static let cases = variants.enumerated().flatMap { index, variant in
    [1, 2].filter { kills > 4 || $0 == 1 + index % 2 }.map { (variant, $0) }
  }

  @Test(arguments: cases)
  func theEndIsTheSame(variant: Variant, threads: Int) throws {
    let files = try files(variant)
    // Let be, with this number of threads and with the other.
    let (straight, other) = (files.directory + "/straight", files.directory + "/other")
    func run(_ threads: Int, _ output: String) throws {
      let outcome = try files.fit("--output-dir", output, "--threads", String(threads))
      #expect(outcome.status == 0, "\(outcome.error)")
    }
    try run(3 - threads, other)
    let time = try ContinuousClock().measure { try run(threads, straight) }
    try expectSameRuns(straight, other, "\(variant.name), let be")
    try FileManager.default.removeItem(atPath: files.store)

    let arguments = try files.fitting(["--threads", String(threads)])
    let log = files.directory + "/stderr"
    var generator = SplitMix(seed: UInt64(Self.kills * 10 + threads))
    var (kills, rounds, resumed) = (0, 1, 0)
    while kills < Self.kills {
      let process = try CommandLineTool.start(arguments, error: log)
      Thread.sleep(forTimeInterval: Double.random(in: 0...0.6, using: &generator) * time.seconds)
      if process.isRunning {
        kill(process.processIdentifier, SIGKILL)
        kills += 1
      }
      process.waitUntilExit()
      let text = try String(contentsOfFile: log, encoding: .utf8)
      #expect(!text.contains("error"), "\(text)")
      if text.contains("resumed  ") { resumed += 1 }
      if process.terminationReason == .exit {  // it was done before: once more from the start
        try expectSameRuns(files.output, straight, "\(variant.name), \(kills) kills")
        try FileManager.default.removeItem(atPath: files.output)
        rounds += 1
      }
    }
    let last = try CommandLineTool.run(arguments)
    #expect(last.status == 0, "\(last.error)")
    try expectSameRuns(files.output, straight, "\(variant.name), \(kills) kills")
    print("\(variant.name), \(threads) threads: \(kills) kills, \(resumed) resumed, \(rounds) runs")
  }
}

extension Duration {
  fileprivate var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
