internal import Checkpoints
internal import Encoders
internal import FoundationEssentials
internal import JSONValues
internal import Optimizers
internal import Tensors

/// Writes checkpoints: whole directories with a manifest, or nothing.
struct CheckpointWriter {
  let recipe: Recipe
  let encoder: SentenceEncoder
  let directory: RunDirectory
  /// What the run depends on; see ``RunIdentity``.
  let identity: RunIdentity

  /// Writes `checkpoint-<step>`.
  ///
  /// - Returns: The checkpoint's path.
  /// - Throws: `CheckpointError`; nothing is left of an unfinished checkpoint.
  func writeCheckpoint(
    _ state: RunState, plan: RunPlan, log: [LogEntry], optimizer: AdamW, card: String
  ) throws -> String {
    let path = directory.checkpoint(state.step)
    try AtomicDirectory.write(to: path) { temporary in
      try encoder.write(to: temporary, readme: card)
      let text = trainerState(state, plan, log).text(indent: 2) + "\n"
      try AtomicFile.write(text, to: temporary + "/trainer_state.json")
      guard !recipe.args.saveOnlyModel else { return }
      try Safetensors.write(
        optimizer.entries, metadata: ["format": "pt", "step": String(optimizer.stepCount)],
        to: temporary + "/optimizer.safetensors")
      try AtomicFile.write(
        trainingState(state).text(indent: 2) + "\n", to: temporary + "/training_state.json")
    }
    return path
  }

  /// Writes the trained model.
  func writeFinal(card: String) throws -> String {
    let path = directory.path + "/final"
    try AtomicDirectory.write(to: path, manifest: false) {
      try encoder.write(to: $0, readme: card)
    }
    return path
  }

  /// The fields of transformers' `TrainerState`, in its order.
  private func trainerState(_ state: RunState, _ plan: RunPlan, _ log: [LogEntry]) -> JSONValue {
    let steps = { (count: StepCount) -> JSONValue in .integer(count.count(of: plan.totalSteps)) }
    return [
      "best_global_step": state.best.step.map { .integer($0) } ?? nil,
      "best_metric": state.best.metric.map { .number($0) } ?? nil,
      "best_model_checkpoint": state.best.checkpoint.map { .string(directory.checkpoint($0)) }
        ?? nil,
      "epoch": .number(state.epoch),
      "eval_steps": recipe.args.evalSteps.map(steps) ?? steps(recipe.args.loggingSteps),
      "global_step": .integer(state.step),
      "is_hyper_param_search": false, "is_local_process_zero": true, "is_world_process_zero": true,
      "log_history": .array(log.map { .object($0.values) }),
      "logging_steps": steps(recipe.args.loggingSteps),
      "max_steps": .integer(plan.totalSteps), "num_input_tokens_seen": 0,
      "num_train_epochs": .integer(plan.epochs), "save_steps": steps(recipe.args.saveSteps),
      "stateful_callbacks": [:], "total_flos": 0,
      "train_batch_size": .integer(recipe.args.trainBatchSize), "trial_name": nil,
      "trial_params": nil,
    ]
  }

  /// What a run that is continued needs and transformers does not keep.
  private func trainingState(_ state: RunState) -> JSONValue {
    let head = JSONObject([("format", .integer(SavedCheckpoint.format))])
    return .object(JSONObject(head.pairs + state.json.pairs + identity.json.pairs))
  }
}

extension AdamW {
  /// The moments by the names of their parameters: `<parameter>.exp_avg`, `<parameter>.exp_avg_sq`.
  fileprivate var entries: [Safetensors.Entry] {
    parameters.flatMap { parameter -> [Safetensors.Entry] in
      guard let moments = moments(of: parameter) else { return [] }
      return [
        moments.first.entry(name: parameter.name + ".exp_avg"),
        moments.second.entry(name: parameter.name + ".exp_avg_sq"),
      ]
    }
  }
}
