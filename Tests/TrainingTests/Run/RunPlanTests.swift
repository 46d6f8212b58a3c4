import JSONValues
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
}
