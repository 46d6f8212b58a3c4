internal import Datasets
internal import Encoders
internal import Losses
internal import Tensors

/// What a forecast tells its reader to look at.
enum ForecastAdvice {
  static func lines(
    _ recipe: Recipe, _ run: TrainingRun, _ survey: BatchSurvey, _ model: MemoryModel
  ) -> [String] {
    let args = recipe.args
    var lines = run.summary.notes
    if model.replayed > 0 {
      lines.append(
        "runtime.memory: \(model.replayed) mini-batches of the largest batch are encoded twice; "
          + "\(gibibytes(model.sufficientBudget)) would keep all of them")
    }
    // What this process has taken to measure is free for the run.
    if let free = ProcessMemory.availableBytes, let own = ProcessMemory.residentBytes,
      case let available = free + own, model.memory.peak > available
    {
      lines.append(
        "the run needs \(gibibytes(model.memory.peak)), the machine has \(gibibytes(available)): "
          + "lower runtime.memory, or train in bf16")
    }
    for source in run.sources {
      let name = source.name.map { $0 + ": " } ?? ""
      let (rows, batch) = (source.dataset.rowCount, args.trainBatchSize)
      if rows < batch {
        lines.append(
          "\(name)the data has \(rows) rows, less than a batch of \(batch): every epoch is one "
            + "batch of them")
      }
      let texts = source.dataset.textIDs()
      let positives = Set(texts[1]).count
      if args.batchSampler != .batchSampler, positives < min(batch, rows) {
        lines.append(
          "\(name)only \(positives) of the positives are different, so no batch without duplicates "
            + "has \(batch) rows")
      }
      if let clusters = recipe.clusters, args.batchSampler != .batchSampler,
        !args.dataloaderDropLast
      {
        // All copies of a text are in one cluster, and a batch has one of them.
        let copies = texts.reduce(0) { max($0, mostCopies(in: $1)) }
        let batches = max(1, rows / (batch * clusters.k))
        if copies > 2 * batches {
          lines.append(
            "\(name)clusters: a text is in \(copies) rows, but its cluster has about \(batches) "
              + "batches, each of which takes it once: the rest makes small batches of their own, "
              + "which args.dataloader_drop_last leaves out")
        }
      }
    }
    let comparesRows = run.sources.contains { source in
      let columns = source.dataset.columns.count
      return source.engine.loss.negativesPerAnchor(columns: columns, rows: 2)
        > source.engine.loss.negativesPerAnchor(columns: columns, rows: 1)
    }
    if args.batchSampler == .batchSampler, survey.duplicateShare > 0.01, comparesRows {
      lines.append(
        "args.batch_sampler: \(percent(survey.duplicateShare)) of a batch's rows share their "
          + "positive with another row, which then counts as a negative: use no_duplicates")
    }
    if survey.truncatedShare > 0.1 {
      lines.append(
        "model.max_seq_length: \(percent(survey.truncatedShare)) of the texts are longer than "
          + "\(run.encoder.maxSequenceLength) tokens and are cut")
    }
    if args.fp16 {
      lines.append(
        "args.fp16 takes the memory of 16 bits, but the time of fp32, on this kind of processor"
          + (run.summary.hindrance == nil
            && PackedProduct.Form.best(for: .bf16).multipliesHalves
            ? "; bf16 is faster" : ""))
    }
    if !args.fp16, !args.bf16, PackedProduct.Form.best(for: .bf16).multipliesHalves {
      lines.append(
        "args.bf16: this processor multiplies bf16 faster than fp32, and over three seeds the "
          + "metrics of recipes/gist-sweep were the same")
    }
    let own = absolutePath(recipe.model.path)
    if run.sources.contains(where: { $0.guide.map { absolutePath($0.directory) } == own }) {
      lines.append(
        "loss.guide is the model that is trained: what it takes for false negatives are often the "
          + "ones to learn from, and in recipes/gist-sweep no guide did better; a stronger model may"
      )
    }
    if run.sources.contains(where: { $0.guide != nil }) {
      lines.append("loss.guide: the guide embeds all texts once before the first step, not counted")
    }
    return lines
  }

  /// How many rows have the text that most have.
  private static func mostCopies(in column: [Int32]) -> Int {
    column.reduce(into: [Int32: Int]()) { $0[$1, default: 0] += 1 }.values.max() ?? 0
  }

  private static func percent(_ share: Double) -> String {
    "\(Int((100 * share).rounded())) %"
  }

  /// As `runtime.memory` is written, to a tenth of a GiB above.
  static func gibibytes(_ bytes: Int) -> String {
    let tenths = Int((Double(bytes) / Double(1 << 30) * 10).rounded(.up))
    return "\(tenths / 10).\(tenths % 10)GiB"
  }
}
