import Encoders
import Foundation
import JSONValues
import Sampling
import Tensors
import TestSupport
import Testing
import Training

/// Batches from clusters and from several data sets, through whole runs.
@Suite struct SeveralSourcesTests {
  private let data = Fixture.path("curve-tiny.train.jsonl", in: .module)

  private func recipe(_ changes: [String: JSONValue]) throws -> Recipe {
    let output = try Fixture.temporary("run")
    var object: [String: JSONValue] = [
      "model": ["path": .string(TinyModel.directory)],
      "train_dataset": ["path": .string(data), "columns": ["anchor", "positive"]],
      "loss": ["name": "MultipleNegativesRankingLoss"],
      "args": [
        "output_dir": .string(output), "per_device_train_batch_size": 12, "max_steps": 8,
        "batch_sampler": "no_duplicates", "save_strategy": "no", "logging_steps": 1,
      ],
      "runtime": ["store": .string(output + ".store")],
    ]
    object.merge(changes) { $1 }
    return try Recipe(.object(JSONObject(object.sorted { $0.key < $1.key })))
  }

  /// How near the nearest other positive of the batch is, on average over a run's batches.
  private func hardness(_ recipe: Recipe) throws -> Double {
    let encoder = try TinyModel.encoder()
    let rows = try String(contentsOfFile: data, encoding: .utf8).split(separator: "\n")
      .map { try JSONValue(parsing: String($0))["positive"]?.string ?? "" }
    let vectors = encoder.encode(rows).elements
    let width = encoder.dimension
    let batches = try TrainingRun(recipe).plannedRows.joined()
    var (sum, count) = (0.0, 0)
    for batch in batches {
      for row in batch {
        let nearest = batch.filter { $0 != row }.map { other -> Double in
          (0..<width).reduce(0) {
            $0 + Double(vectors[Int(row) * width + $1] * vectors[Int(other) * width + $1])
          }
        }.max()
        sum += nearest ?? 0
        count += 1
      }
    }
    #expect(count == 96)
    return sum / Double(count)
  }

  @Test func clusteredBatchesHaveHarderNegatives() throws {
    let random = try hardness(recipe([:]))
    let clustered = try hardness(
      recipe([
        "clusters": ["column": "positive", "encoder": .string(TinyModel.directory), "k": 6]
      ]))
    // 1 is the same direction: the distance from it falls by a tenth at least.
    #expect(1 - clustered < 0.9 * (1 - random), "\(clustered) against \(random)")
  }

  /// The second run finds what the first has left in the store.
  @Test func theStoreServesTheNextRun() throws {
    let store = try Fixture.temporary("store")
    var computed: [[String: Int]] = []
    for _ in 0..<2 {
      var counts: [String: Int] = [:]
      let recipe = try recipe([
        "runtime": ["store": .string(store)],
        "loss": [
          "name": "CachedGISTEmbedLoss", "guide": .string(TinyModel.directory("tiny-xlmr")),
        ],
        "clusters": ["column": "anchor", "encoder": .string(TinyModel.directory), "k": 4],
      ])
      let count: (TrainingEvent) -> Void = {
        if case .prepared(let name, let made, _) = $0 { counts[name, default: 0] += made }
      }
      let run = try TrainingRun(recipe, observer: count)
      try run.run(observer: count)
      computed.append(counts)
    }
    #expect(computed[0]["token ids"] == 480 && computed[0]["clusters"] == 4)
    #expect((computed[0]["guide embeddings"] ?? 0) > 50)
    #expect(computed[1].values.allSatisfy { $0 == 0 })
  }

  @Test func eachDataSetHasItsLossAndPrompts() throws {
    var recipe = try recipe([
      "train_dataset": [
        "pairs": ["path": .string(data), "columns": ["anchor", "positive"], "limit": 60],
        "triplets": ["path": .string(data), "limit": 120],
      ],
      "loss": [
        "pairs": ["name": "CachedMultipleNegativesRankingLoss"],
        "triplets": [
          "name": "GISTEmbedLoss", "guide": .string(TinyModel.directory), "temperature": 0.05,
        ],
      ],
    ])
    recipe.args.maxSteps = 15
    let run = try TrainingRun(recipe)
    #expect(run.summary.datasets.map(\.name) == ["pairs", "triplets"])
    #expect(run.plan.batchesPerEpoch == 15)
    var sources: [Int] = []
    run.plan.forEachStep(of: run.sampler) { step in
      sources += step.batches.map(\.dataset)
      return true
    }
    #expect(sources.filter { $0 == 0 }.count == 5 && sources.filter { $0 == 1 }.count == 10)
    var losses: [Double] = []
    try run.run { if case .step(let report) = $0 { losses.append(report.loss) } }
    #expect(losses.count == 15 && losses.allSatisfy { $0.isFinite && $0 > 0 })
  }
}
