import JSONValues
import Sampling
import TestSupport
import Testing
import Training

/// Steps, epochs and warm-up of 40 runs, as transformers' trainer counted them.
@Suite struct RunPlanTests {
  static let runs: [JSONValue] =
    ((try? Fixture.json("schedules.json", of: "OptimizersTests"))?["runs"]?.array ?? [])
    .filter { run in
      // Left out: a data set that fills no batch, which is refused before it is planned, and a
      // warm-up of 2.7 steps, which the recipe refuses where the peer cuts it off.
      run["error"] == nil && run["arguments"]?["warmup_steps"] != 2.7
    }

  @Test func thereAreRuns() { #expect(Self.runs.count == 40) }

  @Test(arguments: runs.indices)
  func equalsThePeer(index: Int) throws {
    let expected = Self.runs[index]
    var arguments = JSONObject()
    for (key, value) in try #require(expected["arguments"]?.object).members {
      arguments[key] = value
    }
    let recipe = try Recipe([
      "model": "m", "train_dataset": ["path": "d"],
      "loss": ["name": "MultipleNegativesRankingLoss"], "args": .object(arguments),
    ])
    let plan = RunPlan(
      batchesPerEpoch: try #require(expected["batches_per_epoch"]?.integer),
      arguments: recipe.args)
    #expect(plan.stepsPerEpoch == expected["steps_per_epoch"]?.integer)
    #expect(plan.epochs == expected["epochs"]?.integer)
    #expect(plan.totalSteps == expected["max_steps"]?.integer)
    #expect(plan.warmupSteps == expected["warmup_steps"]?.integer)
  }

  /// A sampler that yields fewer batches than it says, and knows which epochs it was asked for.
  private final class Epochs: MultiDatasetBatchSampler, @unchecked Sendable {
    let batchesPerEpoch = 5
    var asked: [Int] = []

    func batches(epoch: Int) -> [DatasetBatch] {
      asked.append(epoch)
      return (0..<5 - epoch % 2).map { DatasetBatch(dataset: 0, rows: [Int32(10 * epoch + $0)]) }
    }
  }

  @Test(arguments: [1, 2]) func everyStepCanBeTheFirst(accumulation: Int) throws {
    var arguments = TrainingArguments()
    (arguments.numTrainEpochs, arguments.gradientAccumulationSteps) = (4, accumulation)
    let plan = RunPlan(batchesPerEpoch: 5, arguments: arguments)
    func steps(from start: RunPlan.Position) -> (steps: [PlannedStep], epochs: [Int]) {
      let sampler = Epochs()
      var steps: [PlannedStep] = []
      plan.forEachStep(of: sampler, from: start) { step in
        steps.append(step)
        return true
      }
      return (steps, sampler.asked)
    }
    let all = steps(from: .init()).steps
    #expect(all.flatMap(\.batches).count == 5 + 4 + 5 + 4)
    for (done, step) in all.enumerated() {
      let rest = steps(from: step.next)
      #expect(rest.steps == Array(all[(done + 1)...]))
      #expect(rest.epochs == Array(step.next.epoch..<4), "after step \(done + 1)")
    }
  }
}
