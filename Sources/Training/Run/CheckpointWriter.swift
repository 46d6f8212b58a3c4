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
  let outputDirectory: String
  /// Digests of what the run depends on; see ``RunIdentity``.
  let identity: RunIdentity

  /// Where the run stands.
  struct State {
    let step: Int
    let epoch: Double
    let plan: RunPlan
    let log: [LogEntry]
    let scaler: LossScaler?
    /// How many steps were skipped, which the schedule does not count.
    let skippedSteps: Int
  }

  /// Writes `checkpoint-<step>` and removes the oldest ones beyond `save_total_limit`.
  ///
  /// - Returns: The checkpoint's path.
  /// - Throws: `CheckpointError`; nothing is left of an unfinished checkpoint.
  func writeCheckpoint(_ state: State, optimizer: AdamW, card: String) throws -> String {
    let path = "\(outputDirectory)/checkpoint-\(state.step)"
    try AtomicDirectory.write(to: path) { directory in
      try encoder.write(to: directory, readme: card)
      let text = trainerState(state).text(indent: 2) + "\n"
      try AtomicFile.write(text, to: directory + "/trainer_state.json")
      guard !recipe.args.saveOnlyModel else { return }
      try Safetensors.write(
        optimizer.entries, metadata: ["format": "pt", "step": String(optimizer.stepCount)],
        to: directory + "/optimizer.safetensors")
      try AtomicFile.write(
        trainingState(state).text(indent: 2) + "\n", to: directory + "/training_state.json")
    }
    if let limit = recipe.args.saveTotalLimit { try removeCheckpoints(keeping: limit) }
    return path
  }

  /// Removes all but the newest checkpoints.
  private func removeCheckpoints(keeping limit: Int) throws {
    let manager = FileManager.default
    let steps = try manager.contentsOfDirectory(atPath: outputDirectory)
      .compactMap { $0.hasPrefix("checkpoint-") ? Int($0.dropFirst("checkpoint-".count)) : nil }
    for step in steps.sorted().dropLast(limit) {
      let path = "\(outputDirectory)/checkpoint-\(step)"
      // The manifest first: half a removal must not look like a checkpoint.
      let manifest = path + "/" + Manifest.fileName
      if manager.fileExists(atPath: manifest) { try manager.removeItem(atPath: manifest) }
      try manager.removeItem(atPath: path)
    }
  }

  /// Writes the trained model.
  func writeFinal(card: String) throws -> String {
    let path = outputDirectory + "/final"
    try AtomicDirectory.write(to: path, manifest: false) {
      try encoder.write(to: $0, readme: card)
    }
    return path
  }

  /// The fields of transformers' `TrainerState`, in its order.
  private func trainerState(_ state: State) -> JSONValue {
    let steps = { (count: StepCount) -> JSONValue in
      .integer(count.count(of: state.plan.totalSteps))
    }
    return [
      "best_global_step": nil, "best_metric": nil, "best_model_checkpoint": nil,
      "epoch": .number(state.epoch),
      "eval_steps": recipe.args.evalSteps.map(steps) ?? steps(recipe.args.loggingSteps),
      "global_step": .integer(state.step),
      "is_hyper_param_search": false, "is_local_process_zero": true, "is_world_process_zero": true,
      "log_history": .array(state.log.map { .object($0.values) }),
      "logging_steps": steps(recipe.args.loggingSteps),
      "max_steps": .integer(state.plan.totalSteps), "num_input_tokens_seen": 0,
      "num_train_epochs": .integer(state.plan.epochs), "save_steps": steps(recipe.args.saveSteps),
      "stateful_callbacks": [:], "total_flos": 0,
      "train_batch_size": .integer(recipe.args.trainBatchSize), "trial_name": nil,
      "trial_params": nil,
    ]
  }

  /// What a resumed run needs and transformers does not keep.
  ///
  /// Randomness is a function of seed and step, so those two are all of its state.
  private func trainingState(_ state: State) -> JSONValue {
    let position = state.plan.position(after: state.step)
    return [
      "format": 1, "seed": .integer(recipe.args.seed), "global_step": .integer(state.step),
      "batch_plan": [
        "epoch": .integer(position.epoch), "step_in_epoch": .integer(position.stepInEpoch),
        "steps_per_epoch": .integer(state.plan.stepsPerEpoch),
        "total_steps": .integer(state.plan.totalSteps),
        "warmup_steps": .integer(state.plan.warmupSteps),
      ],
      "loss_scale": state.scaler.map { scaler in
        [
          "scale": .number(Double(scaler.scale)),
          "growth_tracker": .integer(scaler.growthTracker),
          "skipped_steps": .integer(state.skippedSteps),
        ]
      } ?? nil,
      "digests": identity.json,
    ]
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
