import Foundation
import JSONValues
import Optimizers
import Tensors
import TestSupport
import Testing
import Training

/// Moments of words that never came up take no memory, nor do they when a run goes on.
@Suite struct LazyMomentsTests {
  private static let table = "embeddings.word_embeddings.weight"  // 20 pages

  /// How many pages of the table's moments are in memory.
  private func pages(_ run: TrainingRun) throws -> [Int] {
    let table = try #require(run.optimizer.parameters.first { $0.name == Self.table })
    let moments = try #require(run.optimizer.moments(of: table))
    return try [moments.first, moments.second].map {
      try #require(writtenPages($0.rawPointer, byteCount: $0.count * 4))
    }
  }

  @Test func aRunThatGoesOn() throws {
    let output = try Fixture.temporary("run")
    let data = output + ".jsonl"
    let rows = (0..<8).map { #"{"anchor": "question \#($0)", "positive": "answer \#($0)"}"# }
    try rows.joined(separator: "\n").write(toFile: data, atomically: true, encoding: .utf8)
    let recipe = try Recipe([
      "model": .string(TinyModel.directory), "train_dataset": ["path": .string(data)],
      "loss": ["name": "MultipleNegativesRankingLoss"],
      "args": [
        "output_dir": .string(output), "max_steps": 4, "per_device_train_batch_size": 4,
        "report_to": "none",
      ],
      "runtime": ["store": .string(output + ".store")],
    ])
    func stopped() throws -> [Int] {
      let run = try TrainingRun(recipe)
      var steps = 0
      let ending = try run.run(
        observer: { if case .step = $0 { steps += 1 } }, shouldStop: { steps == 2 })
      #expect(ending == .stopped(step: 2, checkpoint: output + "/checkpoint-2"))
      return try pages(run)
    }
    let before = try stopped()
    #expect(before.allSatisfy { (1..<15).contains($0) }, "\(before)")
    #expect(try pages(TrainingRun(recipe)) == before)
  }
}
