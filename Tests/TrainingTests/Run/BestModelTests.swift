import JSONValues
import TestSupport
import Testing
import Training

/// Which checkpoints are kept and which one is the best, as `make_best_checkpoints.py` recorded it.
@Suite struct BestModelTests {
  static let cases =
    (try? Fixture.json("best_checkpoints.json", in: .module))?["cases"]?.array ?? []

  @Test func thereAreCases() { #expect(Self.cases.count == 34) }

  @Test(arguments: cases.indices) func equalsThePeer(index: Int) throws {
    let expected = Self.cases[index]
    var object = try #require(expected["args"]?.object)
    object["metric_for_best_model"] = "m"
    for (key, value) in ["eval_strategy": "steps", "eval_steps": 1] as [String: JSONValue] {
      object[key] = value
    }
    let arguments = try Recipe(smallRecipe(args: .object(object))).args
    let metrics = try #require(expected["metrics"]).numbers
    let interval = arguments.saveSteps.count(of: metrics.count)
    var best = BestModel()
    var steps: [Int] = []
    func remove(isEnd: Bool) {
      guard let limit = arguments.saveTotalLimit else { return }
      let surplus = best.surplus(of: steps, limit: limit, isEnd: isEnd)
      steps.removeAll(where: surplus.contains)
    }
    for (place, metric) in metrics.enumerated() {
      let step = place + 1
      let isBest = best.update(metric, step: step, arguments)
      let isPlanned = step % interval == 0 || step == metrics.count
      let saves = arguments.saveStrategy == .best ? isBest : isPlanned
      if saves, arguments.saveStrategy != .no {
        steps.insert(step, at: 0)
        best.noteCheckpoint(of: step)
        remove(isEnd: false)
      }
      if step == metrics.count { remove(isEnd: true) }
      let kept = expected["kept"]?.array?[place].numbers.map { Int($0) }
      #expect(steps.reversed() == kept, "after step \(step)")
    }
    #expect(best.metric == expected["best_metric"]?.double)
    #expect(best.step == expected["best_global_step"]?.integer)
    #expect(best.checkpoint == expected["best_model_checkpoint"]?.integer)
  }
}
