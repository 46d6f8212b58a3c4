import JSONValues

/// An argument that changes the result and that ktrain does not have: a recipe may name it only
/// with a value that switches it off.
struct UnsupportedArgument: Sendable {
  /// The argument's name.
  let name: String
  /// The values that mean "off"; an object stands for all objects whose members it has.
  let off: [JSONValue]
  /// What to do instead, after "remove it".
  let remedy: String

  init(_ name: String, off: [JSONValue], _ remedy: String) {
    self.name = name
    self.off = off
    self.remedy = remedy
  }
}

extension TrainingArguments {
  static let unsupported: [UnsupportedArgument] = [
    // Other optimizers and schedules
    .init("optim", off: ["adamw_torch", "adamw_torch_fused"], "the optimizer is adamw_torch"),
    .init("optim_args", off: [nil, ""], "the optimizer's arguments are adam_* and weight_decay"),
    .init("optim_target_modules", off: [nil], "all parameters are trained"),
    .init("adafactor", off: [false], "the optimizer is adamw_torch"),
    .init("lr_scheduler_kwargs", off: [nil, [:]], "the schedules have no arguments"),

    // Other losses and other numbers
    .init("label_smoothing_factor", off: [0], "the peer's losses do not see it either"),
    .init("neftune_noise_alpha", off: [nil, 0], "embeddings get no noise"),
    .init("half_precision_backend", off: ["auto", "cpu_amp", "cuda_amp"], "there is no apex"),
    .init("fp16_backend", off: ["auto", "cpu_amp", "cuda_amp"], "there is no apex"),
    .init("fp16_full_eval", off: [false], "evaluation is in fp32"),
    .init("bf16_full_eval", off: [false], "evaluation is in fp32"),
    .init("tf32", off: [nil, false], "products are in fp32"),

    // Other batches
    .init("auto_find_batch_size", off: [false], "set per_device_train_batch_size"),
    .init("ignore_data_skip", off: [false], "a resumed run continues with the next batch"),
    .init("label_names", off: [nil, []], "columns go by their position"),
    .init("router_mapping", off: [nil, [:]], "models with a Router are not supported"),
    .init(
      "accelerator_config",
      off: [
        nil,
        [
          "split_batches": false, "dispatch_batches": nil, "even_batches": true,
          "use_seedable_sampler": true, "non_blocking": false,
          "gradient_accumulation_kwargs": nil, "use_configured_state": false,
        ],
      ], "batches are those of its defaults"),

    // Several processes or machines
    .init("deepspeed", off: [nil], "training runs in one process"),
    .init("fsdp", off: [nil, false, "", []], "training runs in one process"),
    .init("mp_parameters", off: [nil, ""], "training runs in one process"),
    .init("parallelism_config", off: [nil], "training runs in one process"),
    .init("tp_size", off: [nil, 0, 1], "training runs in one process"),

    // Files and services elsewhere
    .init("push_to_hub", off: [false], "upload the directory final yourself"),
    .init("hub_token", off: [nil], "nothing is uploaded; a recipe is no place for secrets"),
    .init("push_to_hub_token", off: [nil], "nothing is uploaded; a recipe is no place for secrets"),
  ]
}

extension UnsupportedArgument {
  /// Accepts a value that means "off".
  ///
  /// - Throws: ``RecipeError`` with the value and the remedy otherwise. The values of secrets are
  ///   not repeated.
  func check(_ value: JSONValue, at path: FieldPath) throws {
    if let members = value.object, let allowed = off.lazy.compactMap(\.object).first {
      for (key, value) in members.members where allowed[key] != value {
        throw refusal(of: value.shown, allowed: allowed[key].map { [$0] } ?? [], path.member(key))
      }
    } else if !off.contains(where: { Self.isSame($0, value) }) {
      throw refusal(of: name.hasSuffix("_token") ? "this value" : value.shown, allowed: off, path)
    }
  }

  private func refusal(of shown: String, allowed: [JSONValue], _ path: FieldPath) -> RecipeError {
    var allowed = allowed.map { $0.object?.count ?? 0 > 0 ? "its defaults" : $0.text() }
    if allowed.isEmpty { allowed = ["no such member"] }
    let message = """
      \(shown) is not supported (only \(allowed.joined(separator: ", "))): remove it; \(remedy)
      """
    return RecipeError(.unsupported, message, at: path)
  }

  /// The values that mean "off", as a JSON Schema.
  var schema: JSONValue {
    [
      "anyOf": .array(
        off.map { value in
          guard let object = value.object else { return ["const": value] }
          let properties = object.members.map { (key: $0, value: ["const": $1] as JSONValue) }
          return [
            "type": "object", "properties": .object(JSONObject(properties)),
            "additionalProperties": false,
          ]
        })
    ]
  }

  /// Whether two values are the same; numbers are by their value, however they are written.
  private static func isSame(_ one: JSONValue, _ other: JSONValue) -> Bool {
    if let one = one.double, let other = other.double { return one == other }
    return one == other
  }
}
