import Foundation
import TestSupport

/// A run's directory in pieces.
struct RunFolder {
  let path: String

  init() throws {
    path = try Fixture.temporary("my-run")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func write(_ text: String, to name: String) throws {
    let file = path + "/" + name
    try FileManager.default.createDirectory(
      atPath: URL(filePath: file).deletingLastPathComponent().path,
      withIntermediateDirectories: true)
    try text.write(toFile: file, atomically: true, encoding: .utf8)
  }

  /// A finished run of 60 logged steps, with two evaluators, one of which was best in the middle.
  func writeWholeRun(name: String = "tiny", learningRate: String = "0.001") throws {
    try write(
      """
      {"name": "\(name)", "model": {"path": "models/tiny"}, "train_dataset": {"path": "a.jsonl"},
       "loss": {"name": "MultipleNegativesRankingLoss", "scale": 20.0},
       "args": {"learning_rate": \(learningRate), "seed": 42, "max_grad_norm": 1.0},
       "evaluators": [{"type": "InformationRetrievalEvaluator", "name": "dev"},
                      {"type": "TripletEvaluator", "name": "dev_long"}]}
      """, to: "recipe.json")
    try write(
      """
      {"version": "0.1.0", "chosen": ["name", "model.path", "args.learning_rate"],
       "model": {"path": "models/tiny", "parameters": 1234567, "max_seq_length": 64},
       "plan": {"steps": 60},
       "datasets": [{"name": null, "rows": 900, "columns": [{"name": "anchor",
         "tokens": {"min": 3, "mean": 7.25, "max": 64}, "at_limit": 9,
         "histogram": {"width": 2, "counts": [0, 600, 291, 9]}}],
         "clusters": {"column": "anchor", "sizes": [500, 100, 300]}}],
       "inputs": [{"of": "train_dataset", "path": "a.jsonl", "sha256": "abc123"}],
       "environment": {"cpu": "A Processor", "threads": 2}}
      """, to: "run.json")
    var (log, timings) = ("", "")
    for step in 1...60 {
      log += #"{"step": \#(step), "epoch": 0.5, "loss": \#(1 / Double(step)), "#
      log += #""grad_norm": 0.5, "learning_rate": 0.001}"# + "\n"
      timings += #"{"step": \#(step), "steps": 1, "seconds": 2.0, "tokens": 500, "#
      timings += #""tokens_per_second": 250, "encode": 0.5, "loss": 0.25, "backward": 1.0, "#
      timings += #""optimizer": 0.25, "peak_bytes": 1073741824, "resident_bytes": 1e9}"# + "\n"
      guard step % 20 == 0 else { continue }
      log += #"{"step": \#(step), "epoch": 0.5, "eval_dev_cosine_ndcg@10": "#
      log += #"\#(step == 40 ? 0.75 : 0.5), "eval_dev_long_cosine_accuracy": 0.25}"# + "\n"
    }
    log += #"{"step": 60, "epoch": 1.0, "train_runtime": 150.0, "train_loss": 0.078}"# + "\n"
    try write(log, to: "log.jsonl")
    try write(timings, to: "timings.jsonl")
  }
}
