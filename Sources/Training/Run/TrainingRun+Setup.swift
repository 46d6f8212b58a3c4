internal import Datasets
public import Encoders
internal import FoundationEssentials
package import Losses
internal import Optimizers
internal import Sampling
internal import Tensors

extension TrainingRun {
  /// Checks that the data gives the loss something to do.
  static func check(_ dataset: TextDataset, _ loss: any EmbeddingLoss, _ recipe: Recipe) throws {
    let names = dataset.columns.map(\.name)
    guard names.count >= 2 else {
      throw RunError(
        .data,
        "\(recipe.loss.values[0].name) needs an anchor and a positive column; there is one: "
          + names.joined(separator: ", "), place: "train_dataset.columns")
    }
    let (rows, smallest) = (dataset.rowCount, loss.smallestBatch(columns: names.count))
    let size = recipe.args.trainBatchSize
    guard min(rows, size) >= smallest else {
      throw RunError(
        .data,
        "a batch of \(min(rows, size)) has no negatives with the columns "
          + "\(names.joined(separator: ", ")): make it larger or add a column of negatives",
        place: rows < smallest ? "train_dataset" : "args.per_device_train_batch_size")
    }
    guard rows >= size || !recipe.args.dataloaderDropLast else {
      throw RunError(
        .data,
        "\(rows) rows do not fill one batch of \(size), and dataloader_drop_last drops it: lower "
          + "per_device_train_batch_size or set dataloader_drop_last to false",
        place: "args.dataloader_drop_last")
    }
  }

  /// The sampler that the arguments name.
  static func sampler(_ dataset: TextDataset, _ arguments: TrainingArguments) -> any BatchSampler {
    switch arguments.batchSampler {
    case .batchSampler:
      return DefaultBatchSampler(
        count: dataset.rowCount, batchSize: arguments.trainBatchSize,
        dropLast: arguments.dataloaderDropLast,
        seed: UInt64(arguments.dataSeed ?? arguments.seed))
    case .noDuplicates, .noDuplicatesHashed:
      return NoDuplicatesBatchSampler(
        textIDs: dataset.textIDs(), batchSize: arguments.trainBatchSize,
        dropLast: arguments.dataloaderDropLast, seed: UInt64(arguments.seed),
        order: arguments.batchOrder == .random ? .random : .sequential)
    }
  }

  /// Refuses a directory that holds a run: continuing one is not there yet, and to write over it
  /// would lose it.
  static func checkThatNothingIsThere(_ path: String) throws {
    let manager = FileManager.default
    var isDirectory = false
    guard manager.fileExists(atPath: path, isDirectory: &isDirectory) else { return }
    let names = isDirectory ? try manager.contentsOfDirectory(atPath: path) : []
    guard isDirectory, names.isEmpty || names == ["README.md"] else {
      throw RunError(
        .output,
        isDirectory
          ? "is not empty, and continuing a run is not supported yet: choose another output_dir "
            + "or remove it" : "is a file, not a directory: choose another output_dir",
        place: absolute(path))
    }
  }

  func createOutputDirectory() throws {
    let path = arguments.outputDir
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw RunError(
        .output,
        "cannot be created; check the path and its permissions, or choose another "
          + "output_dir", place: absolute(path))
    }
  }
}

extension StepEngine {
  /// How many tokens a mini-batch has.
  ///
  /// Enough to keep all threads busy, few enough to keep what a layer works on near the processor.
  package static let tokensPerMiniBatch = 4096
}

extension Recipe.Model {
  /// What the recipe changes of what the model's directory says.
  public var overrides: SentenceEncoder.Overrides {
    SentenceEncoder.Overrides(
      maxSequenceLength: maxSeqLength, dropout: dropout,
      pooling: pooling.flatMap { PoolingMode(rawValue: $0.rawValue) }, normalizes: normalize)
  }
}

extension Recipe.Loss {
  /// The loss as a function of embeddings.
  package var embeddingLoss: any EmbeddingLoss {
    get throws {
      switch self {
      case .multipleNegativesRanking(let loss): return try loss.embeddingLoss
      case .cachedMultipleNegativesRanking(let loss): return try loss.ranking.embeddingLoss
      case .gistEmbed, .cachedGISTEmbed:
        preconditionFailure("validateForTraining() lets no GIST loss pass")
      }
    }
  }

  /// How many texts a mini-batch may have; nil if the loss does not say.
  var miniBatchSize: Int? {
    if case .cachedMultipleNegativesRanking(let loss) = self { return loss.miniBatches.size }
    return nil
  }

  /// The name of sentence-transformers' class.
  var name: String {
    switch self {
    case .multipleNegativesRanking: return "MultipleNegativesRankingLoss"
    case .cachedMultipleNegativesRanking: return "CachedMultipleNegativesRankingLoss"
    case .gistEmbed: return "GISTEmbedLoss"
    case .cachedGISTEmbed: return "CachedGISTEmbedLoss"
    }
  }
}

extension Recipe.RankingLoss {
  fileprivate var embeddingLoss: any EmbeddingLoss {
    get throws {
      try MultipleNegativesRankingLoss(
        scale: scale, similarity: similarity == .cosSim ? .cosine : .dot)
    }
  }
}

extension TrainingArguments.LearningRateScheduler {
  /// The schedule's kind.
  var kind: LearningRateSchedule.Kind {
    switch self {
    case .linear: return .linear
    case .constant: return .constant
    case .constantWithWarmup: return .constantWithWarmup
    case .cosine: return .cosine
    }
  }
}

extension Duration {
  /// The duration in seconds.
  package var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
