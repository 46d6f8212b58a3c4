internal import Datasets
internal import Encoders
internal import Losses
internal import Sampling
internal import Tensors

/// One data set of a run: its rows, what stands in front of them, and its loss.
struct TrainingSource {
  /// Its name in the recipe; nil for the only one.
  let name: String?
  let settings: Recipe.Dataset
  /// The member of the recipe that names it.
  private let field: String
  /// The rows of a batch.
  let batchSize: Int
  let dataset: TextDataset
  /// What should be known of it before the first step, a line each.
  let notes: [String]
  let prompts: [String]
  let loss: Recipe.Loss
  var engine: StepEngine
  /// The guide of a GIST loss.
  let guide: ModelDescription?

  /// Reads the rows and checks that they give the loss something to do.
  ///
  /// - Parameters:
  ///   - name: Its name in the recipe; nil for the only one.
  ///   - settings: Where the rows are.
  ///   - field: The member of the recipe that names it: `train_dataset` or `eval_dataset`.
  ///   - loss: The loss.
  ///   - encoder: The model.
  ///   - memoryLimit: How many bytes tensors may take.
  ///   - batchSize: The rows of a batch.
  ///   - arguments: Prompts, precision, and what becomes of a last batch.
  /// - Throws: `DatasetError`, ``RunError`` or ``RecipeError``.
  init(
    name: String?, _ settings: Recipe.Dataset, in field: String, loss: Recipe.Loss,
    encoder: SentenceEncoder, memoryLimit: Int, batchSize: Int, _ arguments: TrainingArguments
  ) throws {
    self.name = name
    self.settings = settings
    self.field = field
    self.loss = loss
    self.batchSize = batchSize
    let lossPlace = FieldPath(text: name.map { "loss.\($0)" } ?? "loss")
    let lossNote = try loss.checkDimensions(encoder.dimension, at: lossPlace)
    let embeddingLoss: any EmbeddingLoss
    do { embeddingLoss = try loss.embeddingLoss } catch let error as LossError {
      throw RecipeError(
        .conflict, error.message, at: lossPlace.member(error.argument))
    }
    dataset = try settings.read()
    let place = name.map { "\(field).\($0)" } ?? field
    let labelNote = try dataset.checkLabels(for: embeddingLoss, named: loss.name, at: place)
    notes = dataset.warnings + [lossNote, labelNote].compactMap(\.self)
    prompts = dataset.columns.map {
      arguments.prompts.prompt(forColumn: $0.name, of: name) ?? ""
    }
    engine = StepEngine(
      encoder: encoder, loss: embeddingLoss,
      tokensPerMiniBatch: loss.miniBatches?.tokenCount ?? StepEngine.tokensPerMiniBatch,
      textsPerMiniBatch: loss.miniBatches?.size, memoryLimit: memoryLimit,
      precision: arguments.precision)
    guide = try loss.gist.map { try ModelDescription(directory: $0.guide) }
    try check(embeddingLoss, arguments)
  }

  private func check(_ embeddingLoss: any EmbeddingLoss, _ arguments: TrainingArguments) throws {
    let place = name.map { "\(field)." + $0 } ?? field
    let names = dataset.columns.map(\.name)
    let (rows, smallest) = (dataset.rowCount, embeddingLoss.smallestBatch(columns: names.count))
    let size = batchSize
    let sizeField =
      field == "eval_dataset" ? "per_device_eval_batch_size" : "per_device_train_batch_size"
    guard min(rows, size) >= smallest else {
      throw RunError(
        .data,
        "a batch of \(min(rows, size)) has no negatives with the columns "
          + "\(names.joined(separator: ", ")): make it larger or add a column of negatives",
        place: rows < smallest ? place : "args.\(sizeField)")
    }
    guard rows >= size || !arguments.dataloaderDropLast else {
      throw RunError(
        .data,
        "\(rows) rows do not fill one batch of \(size), and dataloader_drop_last drops it: lower "
          + "\(sizeField) or set dataloader_drop_last to false",
        place: name == nil ? "args.dataloader_drop_last" : place)
    }
  }

  /// Checks that each rank's part of a batch gives the loss something to do by itself.
  ///
  /// - Throws: ``RunError`` if it does not.
  func check(rankCount: Int) throws {
    let smallest = engine.loss.smallestBatch(columns: dataset.columns.count)
    guard min(batchSize, dataset.rowCount) / rankCount < smallest else { return }
    throw RunError(
      .data,
      "a batch of \(batchSize) rows has fewer than \(smallest) for each of \(rankCount) ranks, whose "
        + "negatives are their own: make it larger or leave gather_across_devices out",
      place: "loss.gather_across_devices")
  }

  /// The sampler that the arguments name.
  ///
  /// - Parameters:
  ///   - arguments: Batch size, order and seed.
  ///   - clusters: From which batches are drawn; nil for all rows.
  ///   - isAlone: Whether there is no other data set: `data_seed` has no effect if there is.
  /// - Returns: The sampler.
  func sampler(
    _ arguments: TrainingArguments, clusters: DatasetClusters?, isAlone: Bool
  ) -> any BatchSampler {
    let avoidsDuplicates = arguments.batchSampler != .batchSampler
    if let clusters {
      return clusters.sampler(textIDs: avoidsDuplicates ? dataset.textIDs() : [], arguments)
    }
    guard avoidsDuplicates else {
      let seed = isAlone ? arguments.dataSeed ?? arguments.seed : arguments.seed
      return DefaultBatchSampler(
        count: dataset.rowCount, batchSize: batchSize,
        dropLast: arguments.dataloaderDropLast, seed: UInt64(seed))
    }
    return NoDuplicatesBatchSampler(
      textIDs: dataset.textIDs(), batchSize: batchSize,
      dropLast: arguments.dataloaderDropLast, seed: UInt64(arguments.seed),
      order: arguments.batchOrder == .random ? .random : .sequential)
  }

  /// What is known of the data set before the first step.
  func summary() -> RunSummary.Dataset {
    RunSummary.Dataset(
      name: name, rowCount: dataset.rowCount, columns: dataset.columns.map(\.name),
      labels: engine.loss.needsLabels ? dataset.labels?.name : nil, loss: loss.name,
      negativesPerAnchor: engine.loss.negativesPerAnchor(
        columns: dataset.columns.count, rows: min(batchSize, dataset.rowCount)))
  }
}

extension Sequence<String> {
  /// The strings, each where it stands first.
  func uniqued() -> [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}
