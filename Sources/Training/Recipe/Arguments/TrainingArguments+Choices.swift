extension TrainingArguments {
  /// How batches are drawn from a data set.
  public enum BatchSampler: String, CaseIterable, Hashable, Sendable {
    /// Rows in a random order, cut into batches.
    case batchSampler = "batch_sampler"
    /// The same, but no text stands twice in a batch.
    case noDuplicates = "no_duplicates"
    /// The same batches as `noDuplicates`, which the peer finds by hashes.
    case noDuplicatesHashed = "no_duplicates_hashed"
  }

  /// The order in which a sampler goes through the rows.
  public enum BatchOrder: String, CaseIterable, Hashable, Sendable {
    /// A new permutation in each epoch.
    case random
    /// That of the data set, as `no_duplicates` had it before sentence-transformers 3.4.
    case sequential
  }

  /// How batches of several data sets follow each other.
  public enum MultiDatasetBatchSampler: String, CaseIterable, Hashable, Sendable {
    /// At random, each data set as often as it has batches.
    case proportional
    /// In turn, until one data set has no more.
    case roundRobin = "round_robin"
  }

  /// The course of the learning rate after its rise.
  public enum LearningRateScheduler: String, CaseIterable, Hashable, Sendable {
    /// Falls to 0 along a line.
    case linear
    /// Stays, and does not rise first.
    case constant
    /// Stays.
    case constantWithWarmup = "constant_with_warmup"
    /// Falls to 0 along half a period of the cosine.
    case cosine
  }

  /// When something happens.
  public enum IntervalStrategy: String, CaseIterable, Hashable, Sendable {
    /// Never.
    case no
    /// After every so many steps.
    case steps
    /// After every epoch.
    case epoch
  }

  /// When a checkpoint is saved.
  public enum SaveStrategy: String, CaseIterable, Hashable, Sendable {
    /// Never.
    case no
    /// After every so many steps.
    case steps
    /// After every epoch.
    case epoch
    /// When the metric is better than before.
    case best
  }

  /// Where the log goes besides `log.jsonl`.
  public enum Reporter: String, CaseIterable, Hashable, Sendable {
    /// TensorBoard's event files in `runs`.
    case tensorboard
  }
}
