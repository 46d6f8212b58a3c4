extension TrainingArguments {
  /// The arguments that change neither the model nor what the run measures and writes here,
  /// whatever their value; most steer hardware, processes or services that ktrain does not use.
  ///
  /// An argument belongs here only if the peer trains the same model with and without it.
  static let ignored: [String] = [
    // Loading: batches are made ahead by our own threads.
    "dataloader_in_order",  // the peer's own loaders do not pass it on
    "dataloader_multiprocessing_context",
    "dataloader_num_workers",
    "dataloader_persistent_workers",
    "dataloader_pin_memory",
    "dataloader_prefetch_factor",
    "remove_unused_columns",
    // Samplers of transformers that the peer's loaders do not ask.
    "group_by_length",
    "length_column_name",
    "train_sampling_strategy",

    // Devices and processes: those that mpirun has started, on the CPU.
    "average_tokens_across_devices",
    "ddp_backend",
    "ddp_broadcast_buffers",
    "ddp_bucket_cap_mb",
    "ddp_find_unused_parameters",
    "ddp_static_graph",
    "dispatch_batches",
    "fsdp_config",  // read only where fsdp is on
    "fsdp_min_num_params",
    "fsdp_transformer_layer_cls_to_wrap",
    "local_rank",
    "no_cuda",
    "ray_scope",
    "split_batches",
    "tpu_metrics_debug",
    "tpu_num_cores",
    "use_cpu",
    "use_ipex",
    "use_mps_device",

    // Speed and memory of the same computation.
    "activation_checkpointing",
    "activation_checkpointing_kwargs",
    "fp16_opt_level",  // read only by the backend apex
    "full_determinism",  // every run is
    "gradient_checkpointing",
    "gradient_checkpointing_kwargs",
    "jit_mode_eval",
    "liger_kernel_config",
    "past_index",
    "torch_compile",
    "torch_compile_backend",
    "torch_compile_mode",
    "torch_empty_cache_steps",
    "torchdynamo",
    "use_cache",
    "use_liger_kernel",

    // Evaluation: the peer takes the loss and its evaluators' metrics only.
    "batch_eval_metrics",
    "eval_accumulation_steps",
    "eval_do_concat_batches",
    "eval_use_gather_object",
    "include_for_metrics",
    "include_inputs_for_metrics",
    "prediction_loss_only",
    "use_legacy_prediction_loop",

    // What the terminal and other trackers show.
    "debug",
    "disable_tqdm",
    "include_num_input_tokens_seen",
    "include_tokens_per_second",
    "log_level",
    "log_level_replica",
    "log_on_each_node",
    "logging_nan_inf_filter",  // a loss that is no number is always shown
    "project",
    "skip_memory_metrics",
    "trackio_bucket_id",
    "trackio_space_id",
    "trackio_static_space_id",

    // Files: model.safetensors, whole checkpoints, on this machine.
    "enable_jit_checkpoint",
    "overwrite_output_dir",
    "restore_callback_states_from_checkpoint",
    "save_on_each_node",
    "save_safetensors",

    // Read only where push_to_hub is on.
    "hub_always_push",
    "hub_model_id",
    "hub_private_repo",
    "hub_revision",
    "hub_strategy",
    "push_to_hub_model_id",
    "push_to_hub_organization",

    // Switches of the peer's example scripts.
    "do_eval",
    "do_predict",
    "do_train",
  ]
}
