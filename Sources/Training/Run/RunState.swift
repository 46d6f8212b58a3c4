internal import JSONValues
internal import Optimizers

/// Where a run stands between two steps: with the weights, the moments and the log, all that the
/// rest of it depends on.
///
/// Randomness is a function of seed and step, so there is no generator among it.
struct RunState: Hashable, Sendable {
  /// The next step.
  var position = RunPlan.Position()
  /// The epoch as a fraction.
  var epoch = 0.0
  /// How many rows were trained on.
  var rows = 0
  /// How long the run took, over all its parts.
  var seconds = 0.0
  /// How many steps were skipped because a gradient overflowed: the schedule does not count them.
  var skippedSteps = 0
  /// The loss scale of training in fp16.
  var scaler: LossScaler?
  /// The losses since the last line of the log.
  var lossSinceLogged = LossSum()
  /// The losses of all steps.
  var loss = LossSum()
  /// The best evaluation.
  var best = BestModel()
  /// What is due after the last step and not done yet.
  var pending = PendingWork()

  /// How many steps are done.
  var step: Int { position.step }
}

/// A sum of losses, from which their mean is taken.
struct LossSum: Hashable, Sendable {
  private(set) var sum = 0.0
  private(set) var count = 0

  mutating func add(_ loss: Double) {
    sum += loss
    count += 1
  }

  /// The mean; 0 of no losses.
  var mean: Double { sum / Double(max(1, count)) }
}

// MARK: - As JSON

extension RunState {
  /// The state as it stands in `training_state.json`.
  var json: JSONObject {
    JSONObject([
      ("global_step", .integer(position.step)), ("epoch", .number(epoch)),
      (
        "batch_plan",
        ["epoch": .integer(position.epoch), "step_in_epoch": .integer(position.stepInEpoch)]
      ),
      ("rows", .integer(rows)), ("seconds", .number(seconds)),
      ("skipped_steps", .integer(skippedSteps)),
      (
        "loss_scale",
        scaler.map { scaler in
          [
            "scale": .number(Double(scaler.scale)),
            "growth_tracker": .integer(scaler.growthTracker),
          ]
        } ?? nil
      ),
      ("loss_since_logged", lossSinceLogged.json), ("loss", loss.json), ("best", best.json),
      ("pending", ["evaluate": .bool(pending.evaluates), "save": .bool(pending.saves)]),
    ])
  }

  /// Reads the state; nil if something is missing or cannot be.
  init?(_ value: JSONValue) {
    // No run comes to 2^48 of anything; a number near Int.max would overflow what adds to it.
    func count(_ value: JSONValue?) -> Int? {
      value?.integer.flatMap { (0..<1 << 48).contains($0) ? $0 : nil }
    }
    guard let step = count(value["global_step"]),
      let epoch = count(value["batch_plan"]?["epoch"]),
      let stepInEpoch = count(value["batch_plan"]?["step_in_epoch"]),
      let fraction = value["epoch"]?.double, let rows = count(value["rows"]),
      let seconds = value["seconds"]?.double, let skippedSteps = count(value["skipped_steps"]),
      let scale = value["loss_scale"],
      let lossSinceLogged = LossSum(value["loss_since_logged"]), let loss = LossSum(value["loss"]),
      let best = BestModel(value["best"]),
      let evaluates = value["pending"]?["evaluate"]?.bool,
      let saves = value["pending"]?["save"]?.bool
    else { return nil }
    position = .init(step: step, epoch: epoch, stepInEpoch: stepInEpoch)
    (self.epoch, self.rows, self.seconds) = (fraction, rows, seconds)
    (self.skippedSteps, self.best) = (skippedSteps, best)
    (self.lossSinceLogged, self.loss) = (lossSinceLogged, loss)
    pending = PendingWork(evaluates: evaluates, saves: saves)
    guard !scale.isNull else { return }
    guard let factor = scale["scale"]?.double.map({ Float($0) }), factor > 0, factor.isFinite,
      let tracker = count(scale["growth_tracker"])
    else { return nil }
    scaler = LossScaler(scale: factor, growthTracker: tracker)
  }
}

extension LossSum {
  fileprivate var json: JSONValue { ["sum": .number(sum), "count": .integer(count)] }

  fileprivate init?(_ value: JSONValue?) {
    guard let sum = value?["sum"]?.double, let count = value?["count"]?.integer,
      (0..<1 << 48).contains(count)
    else { return nil }
    (self.sum, self.count) = (sum, count)
  }
}
