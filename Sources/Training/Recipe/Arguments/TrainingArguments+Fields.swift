import JSONValues

extension TrainingArguments: RecipeBlock {
  /// The arguments that are honoured, in the order of the resolved recipe.
  static let fields: [Field<Self>] = [
    Field("output_dir", \.outputDir, .path, isDerived: true),
    Field("num_train_epochs", \.numTrainEpochs, .number(above: 0, atMost: 1e6)),
    Field("max_steps", \.maxSteps, .integer(atLeast: -1)),
    Field("per_device_train_batch_size", \.trainBatchSize, .integer(atLeast: 1)),
    Field("per_device_eval_batch_size", \.evalBatchSize, .integer(atLeast: 1)),
    Field("gradient_accumulation_steps", \.gradientAccumulationSteps, .integer(atLeast: 1)),
    Field("dataloader_drop_last", \.dataloaderDropLast, .flag),
    Field("batch_sampler", \.batchSampler, .choice),
    Field("batch_order", \.batchOrder, .choice),
    Field("multi_dataset_batch_sampler", \.multiDatasetBatchSampler, .choice),
    Field("prompts", \.prompts, .prompts),
    Field("seed", \.seed, .integer(atLeast: 0, atMost: 4_294_967_295)),
    Field("data_seed", \.dataSeed, .optional(.integer(atLeast: 0, atMost: .max))),

    Field("learning_rate", \.learningRate, .number(atLeast: 0)),
    Field("learning_rate_mapping", \.learningRateMapping, .named(.number(atLeast: 0))),
    Field("lr_scheduler_type", \.scheduler, .choice),
    Field("warmup_steps", \.warmupSteps, .stepCount(allowingZero: true)),
    Field("warmup_ratio", \.warmupRatio, .optional(.number(atLeast: 0, atMost: 1))),
    Field("weight_decay", \.weightDecay, .number(atLeast: 0)),
    Field("adam_beta1", \.adamBeta1, .number(atLeast: 0, below: 1)),
    Field("adam_beta2", \.adamBeta2, .number(atLeast: 0, below: 1)),
    Field("adam_epsilon", \.adamEpsilon, .number(atLeast: 0)),
    Field("max_grad_norm", \.maxGradNorm, .number(atLeast: 0)),
    Field("ddp_timeout", \.ddpTimeout, .integer(atLeast: 1)),
    Field("fp16", \.fp16, .flag),
    Field("bf16", \.bf16, .flag),

    Field("logging_strategy", \.loggingStrategy, .choice),
    Field("logging_steps", \.loggingSteps, .stepCount()),
    Field("logging_first_step", \.loggingFirstStep, .flag),
    Field("report_to", \.reportTo, .reporters),
    Field("logging_dir", \.loggingDir, .optional(.path)),
    Field("run_name", \.runName, .optional(.text)),
    Field("eval_strategy", \.evalStrategy, .choice),
    Field("eval_steps", \.evalSteps, .optional(.stepCount())),
    Field("eval_delay", \.evalDelay, .number(atLeast: 0)),
    Field("eval_on_start", \.evalOnStart, .flag),
    Field("save_strategy", \.saveStrategy, .choice),
    Field("save_steps", \.saveSteps, .stepCount()),
    Field("save_total_limit", \.saveTotalLimit, .optional(.integer(atLeast: 1))),
    Field("save_only_model", \.saveOnlyModel, .flag),
    Field("load_best_model_at_end", \.loadBestModelAtEnd, .flag),
    Field("metric_for_best_model", \.metricForBestModel, .optional(.path)),
    Field("greater_is_better", \.greaterIsBetter, .optional(.flag)),
    Field("resume_from_checkpoint", \.resumeFromCheckpoint, .optional(.path)),
  ]

  /// Other names of honoured arguments, from older releases; `null` there says nothing.
  static let aliases: [(name: String, of: String)] = [
    ("evaluation_strategy", "eval_strategy"),
    ("per_gpu_train_batch_size", "per_device_train_batch_size"),
    ("per_gpu_eval_batch_size", "per_device_eval_batch_size"),
  ]

  /// The defaults that follow from other arguments, and the combinations that transformers refuses.
  mutating func settle(at path: FieldPath) throws {
    // As sentence-transformers does: warmup_steps go first, and a ratio becomes their value, so that
    // a ratio of exactly 1 is one step.
    if let count = warmupRatio.flatMap(StepCount.init), warmupSteps == .steps(0) {
      warmupSteps = count
    }
    warmupRatio = nil
    if evalStrategy == .steps, evalSteps == nil { evalSteps = loggingSteps }
    if loadBestModelAtEnd, metricForBestModel == nil { metricForBestModel = "loss" }
    if let metricForBestModel, greaterIsBetter == nil {
      greaterIsBetter = !metricForBestModel.hasSuffix("loss")
    }
    if fp16, bf16 {
      throw RecipeError(.conflict, "fp16 and bf16 exclude each other", at: path.member("bf16"))
    }
    if loadBestModelAtEnd { try checkThatBestIsSaved(at: path.member("load_best_model_at_end")) }
  }

  /// Checks that a checkpoint is saved whenever the model was evaluated and may be the best.
  private func checkThatBestIsSaved(at path: FieldPath) throws {
    if saveStrategy == .best, evalStrategy != .no { return }
    guard saveStrategy.rawValue == evalStrategy.rawValue, evalStrategy != .no else {
      let message = """
        needs eval_strategy and save_strategy to be the same, and not "no"; they are \
        "\(evalStrategy.rawValue)" and "\(saveStrategy.rawValue)"
        """
      throw RecipeError(.conflict, message, at: path)
    }
    guard evalStrategy == .steps, let evalSteps else { return }
    let isMultiple: Bool
    switch (saveSteps, evalSteps) {
    case (.steps(let save), .steps(let eval)): isMultiple = save.isMultiple(of: eval)
    case (.ratio(let save), .ratio(let eval)):
      isMultiple = (save * 1e6).truncatingRemainder(dividingBy: eval * 1e6) == 0
    default: isMultiple = false
    }
    guard isMultiple else {
      let kind = ValueKind<StepCount>.stepCount()
      let message = """
        needs save_steps to be a multiple of eval_steps; they are \
        \(kind.encode(saveSteps).text()) and \(kind.encode(evalSteps).text())
        """
      throw RecipeError(.conflict, message, at: path)
    }
  }
}

extension ValueKind<[TrainingArguments.Reporter]> {
  /// `"none"`, `"all"`, a name, or a list of names; `null` and an empty list are none.
  fileprivate static var reporters: Self {
    let all = TrainingArguments.Reporter.allCases
    let names = ["none", "all"] + all.map(\.rawValue)
    let expected = names.map { "\"\($0)\"" }.joined(separator: ", ") + " or a list of names"
    let name: JSONValue = ["enum": .array(names.map { .string($0) })]
    return ValueKind(
      expected: expected,
      schema: ["anyOf": [name, ["type": "array", "items": name], ["type": "null"]]],
      decode: { value, path in
        if value.isNull { return [] }
        var reporters: [TrainingArguments.Reporter] = []
        for element in value.array ?? [value] {
          guard let name = element.string else { throw path.wrongType(value, expected: expected) }
          guard names.contains(name) else { throw path.invalidValue(element, expected: expected) }
          let named = TrainingArguments.Reporter(rawValue: name).map { [$0] }
          for reporter in name == "all" ? all : named ?? [] where !reporters.contains(reporter) {
            reporters.append(reporter)
          }
        }
        return reporters
      },
      encode: { $0.isEmpty ? "none" : .array($0.map { .string($0.rawValue) }) })
  }
}
