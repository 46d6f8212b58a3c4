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

  /// A checkpoint that is ready to be written by any thread, while the run goes on.
  ///
  /// Weights and moments are values: what of them a later step changes before it is written it
  /// copies first.
  struct Snapshot: @unchecked Sendable {  // the entries' sources read nothing but such values
    /// What is not written yet.
    let held: HeldTensors
    fileprivate let directory: RunDirectory
    fileprivate let path: String
    fileprivate let card: String
    fileprivate let weights: [Safetensors.Entry]
    fileprivate let moments: [Safetensors.Entry]
    fileprivate let stepCount: Int
    fileprivate let trainerState: JSONValue
    fileprivate let trainingState: JSONValue
    fileprivate let isModelAlone: Bool
    fileprivate let encoder: SentenceEncoder

    /// Writes `checkpoint-<step>`.
    ///
    /// - Returns: The checkpoint's path.
    /// - Throws: ``RunError`` if the run's directory is gone, or `CheckpointError`; nothing is left
    ///   of an unfinished checkpoint.
    func write() throws -> String {
      defer { held.releaseAll() }
      try directory.check()
      try AtomicDirectory.write(to: path, createsParents: false) { temporary in
        try encoder.write(to: temporary, readme: card, weights: weights)
        try AtomicFile.write(
          trainerState.text(indent: 2) + "\n", to: temporary + "/trainer_state.json")
        if isModelAlone { return }
        try Safetensors.write(
          moments, metadata: ["format": "pt", "step": String(stepCount)],
          to: temporary + "/optimizer.safetensors")
        try AtomicFile.write(
          trainingState.text(indent: 2) + "\n", to: temporary + "/training_state.json")
      }
      return path
    }
  }

  /// Takes hold of all that a checkpoint needs, without copying it.
  func snapshot(
    _ state: RunState, plan: RunPlan, log: [LogEntry], optimizer: AdamW, card: String
  ) -> Snapshot {
    let weights = encoder.model.parameters.map { (name: $0.name, tensor: $0.value) }
    let moments = recipe.args.saveOnlyModel ? [] : optimizer.namedMoments
    let held = HeldTensors(weights + moments)
    return Snapshot(
      held: held, directory: directory, path: directory.checkpoint(state.step), card: card,
      weights: weights.map { held.entry($0.name, shape: $0.tensor.shape) },
      moments: moments.map { held.entry($0.name, shape: $0.tensor.shape) },
      stepCount: optimizer.stepCount, trainerState: trainerState(state, plan, log),
      trainingState: trainingState(state), isModelAlone: recipe.args.saveOnlyModel,
      encoder: encoder)
  }

  /// Writes the trained model.
  func writeFinal(card: String) throws -> String {
    let path = directory.path + "/final"
    try AtomicDirectory.write(to: path, manifest: false, createsParents: false) {
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
  fileprivate var namedMoments: [(name: String, tensor: Tensor)] {
    parameters.flatMap { parameter -> [(name: String, tensor: Tensor)] in
      guard let moments = moments(of: parameter) else { return [] }
      return [
        (parameter.name + ".exp_avg", moments.first),
        (parameter.name + ".exp_avg_sq", moments.second),
      ]
    }
  }
}
