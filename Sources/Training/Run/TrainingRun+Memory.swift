internal import Tensors

extension TrainingRun {
  /// Sees to it that the largest step fits into the memory there is, or stops the run before its
  /// first step.
  ///
  /// Where the recipe leaves `runtime.memory` open it is lowered as far as need be, which changes no
  /// result.
  ///
  /// - Throws: ``RunError`` that says what would fit.
  func checkMemory(_ observer: (TrainingEvent) -> Void) throws {
    // A machine that cannot be asked is given the benefit of the doubt.
    guard let free = ProcessMemory.availableBytes, let own = ProcessMemory.residentBytes else {
      return
    }
    let (need, room) = (MemoryNeed(self), free + own)
    let peak = need.peak(sources[0].engine.memoryLimit)
    guard peak > room else { return }
    let limit = need.limit(within: room)
    if recipe.runtime.memory == nil, let limit {
      for index in sources.indices { sources[index].engine.memoryLimit = limit }
      observer(
        .notice(
          "runtime.memory: \(gibibytes(limit)) for tensors, so that the largest step fits into the "
            + "\(gibibytes(room)) there are"))
      return
    }
    if ignoresMemory {
      observer(
        .notice("the largest step needs \(gibibytes(peak)), and there are \(gibibytes(room))"))
      return
    }
    throw RunError(
      .memory,
      "the largest step needs \(gibibytes(peak)), and there are \(gibibytes(room)): "
        + remedy(limit, room), place: "runtime.memory")
  }

  /// What would fit: less memory for activations, else smaller ones, else smaller batches.
  private func remedy(_ limit: Int?, _ room: Int) -> String {
    if let limit { return "\(mebibytes(limit)) would fit" }
    if arguments.precision == .fp32, MemoryNeed(self, precision: .bf16).limit(within: room) != nil {
      return "args.bf16 would fit"
    }
    var size = arguments.trainBatchSize / 2
    while size >= 2 {
      let share = Double(size) / Double(arguments.trainBatchSize)
      if MemoryNeed(self, share: share).limit(within: room) != nil {
        return "a per_device_train_batch_size of \(size) would fit"
      }
      size /= 2
    }
    let least = MemoryNeed(self, share: 0).peak(0)
    return "no batch fits, since the model takes \(gibibytes(least)) with its gradients and moments"
  }

  private func gibibytes(_ bytes: Int) -> String { ForecastAdvice.gibibytes(bytes) }

  /// As `runtime.memory` is written, to a MiB below.
  private func mebibytes(_ bytes: Int) -> String { "\(max(1, bytes >> 20))MiB" }
}
